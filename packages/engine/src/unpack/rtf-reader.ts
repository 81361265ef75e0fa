/**
 * Reads Rich Text Format byte by byte and gathers what groups of a few kinds hold as hexadecimal digits. Groups are counted and not kept, so that
 * depth costs nothing. What a document shows is not looked at.
 */
import { type ContentBuffer, createContentBuffer } from './content-buffer.ts'

/** The control words whose groups hold data: objects, and further compound files. */
const kinds: ReadonlySet<string> = new Set(['objdata', 'datastore'])

export interface RtfData {
  readonly kind: string
  readonly buffer: ContentBuffer
  /** Whether the buffer took all of it. */
  readonly fits: boolean
}

/** A group whose digits are being gathered. */
interface OpenData {
  readonly kind: string
  readonly buffer: ContentBuffer
  /** How many groups are open within it, itself among them. */
  readonly depth: number
  fits: boolean
  /** The first digit of a byte whose second is still to come. */
  digit: number
}

/** Control words have up to 32 letters, and numbers up to 10 digits and a sign; readers take somewhat more. */
const WORD_MAX = 64
/** Data within data: attackers nest them to confuse. Those within are the ones that readers take. */
const OPEN_MAX = 16
const FLUSH_BYTES = 4096

export class RtfReader {
  readonly #limit: number
  readonly #onData: (data: RtfData) => void
  readonly #open: OpenData[] = []
  readonly #pending = new Uint8Array(FLUSH_BYTES)
  #pendingLength = 0
  #depth = 0
  #state: 'text' | 'slash' | 'word' | 'number' | 'hex' | 'binary' = 'text'
  #word = ''
  #number = ''
  /** Digits of an escaped byte to come, or raw bytes. */
  #left = 0
  /** The depth of a group inside data that readers skip, if one is open. */
  #skipped: number | undefined
  /** A `\*` was the last thing: the group is skipped by who does not know its control word. */
  #isOptional = false

  constructor(limit: number, onData: (data: RtfData) => void) {
    this.#limit = limit
    this.#onData = onData
  }

  write(block: Uint8Array): void {
    for (const byte of block) this.#take(byte)
  }

  /** The document's end, which ends all that is open. */
  end(): void {
    while (this.#open.length > 0) this.#close()
  }

  #take(byte: number): void {
    if (this.#state === 'text') this.#takeText(byte)
    else if (this.#state === 'slash') this.#takeSlash(byte)
    else if (this.#state === 'word') this.#takeWord(byte)
    else if (this.#state === 'number') this.#takeNumber(byte)
    else {
      if (this.#state === 'binary') this.#putByte(byte)
      this.#left -= 1
      if (this.#left === 0) this.#state = 'text'
    }
  }

  #takeWord(byte: number): void {
    if (!isLetter(byte)) {
      this.#state = 'number'
      this.#takeNumber(byte)
    } else if (this.#word.length < WORD_MAX) this.#word += String.fromCharCode(byte)
  }

  #takeText(byte: number): void {
    if (byte === 0x5c) {
      this.#state = 'slash'
    } else if (byte === 0x7b) {
      this.#depth += 1
      this.#isOptional = false
    } else if (byte === 0x7d) {
      this.#endGroup()
    } else if (this.#open.length > 0 && this.#skipped === undefined) {
      const digit = hexDigit(byte)
      if (digit >= 0) this.#putDigit(digit)
    }
  }

  #takeSlash(byte: number): void {
    if (isLetter(byte)) {
      this.#word = String.fromCharCode(byte)
      this.#number = ''
      this.#state = 'word'
      return
    }
    this.#state = 'text'
    if (byte === 0x2a) this.#isOptional = true
    // An escaped byte is text, and none of the digits; readers drop the half of a byte that stands before it.
    if (byte !== 0x27) return
    this.#state = 'hex'
    this.#left = 2
    const data = this.#open.at(-1)
    if (data !== undefined) data.digit = -1
  }

  #takeNumber(byte: number): void {
    if ((byte >= 0x30 && byte <= 0x39) || (byte === 0x2d && this.#number === '')) {
      if (this.#number.length < WORD_MAX) this.#number += String.fromCharCode(byte)
      return
    }
    this.#state = 'text'
    this.#endWord()
    // A blank belongs to the word, and so does the one before raw bytes.
    if (byte !== 0x20) this.#take(byte)
  }

  #endWord(): void {
    const isOptional = this.#isOptional
    this.#isOptional = false
    const word = this.#word.toLowerCase()
    if (word === 'bin') {
      const count = Number.parseInt(this.#number, 10)
      if (count > 0 && Number.isSafeInteger(count)) {
        this.#left = count
        this.#state = 'binary'
      }
    } else if (kinds.has(word) && this.#open.length < OPEN_MAX) {
      this.#flush()
      const buffer = createContentBuffer(this.#limit, 0)
      this.#open.push({ kind: word, buffer, depth: this.#depth, fits: true, digit: -1 })
    } else if (isOptional && this.#depth > (this.#open.at(-1)?.depth ?? this.#depth))
      this.#skipped ??= this.#depth
  }

  #endGroup(): void {
    this.#isOptional = false
    if (this.#skipped !== undefined && this.#depth <= this.#skipped) this.#skipped = undefined
    while ((this.#open.at(-1)?.depth ?? -1) >= this.#depth) this.#close()
    this.#depth = Math.max(0, this.#depth - 1)
  }

  #close(): void {
    this.#flush()
    const data = this.#open.pop()
    if (data === undefined || data.buffer.length === 0) return
    const { kind, buffer, fits } = data
    this.#onData({ kind, buffer, fits })
  }

  #putDigit(digit: number): void {
    const data = this.#open.at(-1) as OpenData
    if (data.digit < 0) {
      data.digit = digit
      return
    }
    const byte = data.digit * 16 + digit
    data.digit = -1
    this.#append(byte)
  }

  #putByte(byte: number): void {
    if (this.#open.length > 0 && this.#skipped === undefined) this.#append(byte)
  }

  #append(byte: number): void {
    this.#pending[this.#pendingLength++] = byte
    if (this.#pendingLength === FLUSH_BYTES) this.#flush()
  }

  /** What is pending belongs to the innermost data. */
  #flush(): void {
    const data = this.#open.at(-1)
    if (data !== undefined && this.#pendingLength > 0)
      data.fits = data.buffer.append(this.#pending.subarray(0, this.#pendingLength)) && data.fits
    this.#pendingLength = 0
  }
}

function isLetter(byte: number): boolean {
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x7a
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
