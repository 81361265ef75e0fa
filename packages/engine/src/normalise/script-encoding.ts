/**
 * Scripts that Microsoft's Script Encoder has encoded (`<script language="JScript.Encode">`): behind `#@~^` and a length in base64 each byte
 * stands for another one, by one of three alphabets that take turns. An encoding that everybody can undo, and a way to hide from signatures. What is told
 * apart, and what is left out, was seen in `sigtool --html-normalise` 1.4.6.
 */

/** What a tab and the bytes from a blank to DEL stand for, in each of the alphabets, hexadecimal. */
const alphabets = [
  [
    '7b323021295b38333d583a3565395c5673664e456b6259785e7d4a6d713c603e5340422748727531374d5222546a4764',
    '2d207f2e4c5d7e6c6f797443267625242b28234134092a443f773b55696163506751494f46687c36706e7a2f5f4b5a2c',
    '57',
  ],
  [
    '572e477a56426a2f26494134325b7672433839704568714f09624423753c7e3e5e40774a615d224b6f4e3b4c50672a7d',
    '74542b2d2c306e6b66352521644d52633f7b7829287359337f6d55537c3a5f65465831696c5a48275c3d247937605120',
    '36',
  ],
  [
    '6e2d755260715e495c627d2936207c7a7f6b63332b68516676316454433c3a3e7e40452c2a7427374479592f6f26726a',
    '397b3f387767534734785d30235a5b6c485570692e4c21244e5009567335614b583b57226d4d2528464a32413d5f4f42',
    '65',
  ],
].map((rows) => Buffer.from(rows.join(''), 'hex'))

/** Which alphabet is used for which byte; then from the beginning. */
const turns = '1201202002021020102011200210200211020201011201021020112001120102'

/** What stands behind the escape. */
const escaped: Readonly<Record<string, number>> = { '#': 0x0d, '&': 0x0a, '!': 0x3c, '*': 0x3e, $: 0x40 }
const ESCAPE = 0x40
const UNKNOWN = 0xff

const MARK = '#@~^'
const LENGTH_CHARACTERS = 8
/** A checksum in base64, and a mark of the end. */
const TAIL_BYTES = 12

/** Bytes that stand for nothing and do not count. */
const unseen = [0, 0x0a, 0x0d]
const TAB = 0x09
const BLANK = 0x20
const HIGH = 0x80

/** The languages whose scripts are encoded, and what they are then. */
export const encodedLanguages: ReadonlyMap<string, string> = new Map([
  ['jscript.encode', 'javascript'],
  ['vbscript.encode', 'vbscript'],
])

/** Decodes one script, byte by byte. */
export class ScriptDecoder {
  /** What may be the mark, and the length behind it. */
  #head = ''
  #state: 'plain' | 'encoded' | 'tail' | 'done' = 'plain'
  #left = 0
  #turn = 0
  #isEscaped = false
  /** The byte is the second of a character of two. */
  #isSecond = false

  /** Whether all that was encoded has been read; what follows is plain. */
  get isDone(): boolean {
    return this.#state === 'done'
  }

  /** Takes a byte, and gives back those that it and what was held back before it stand for. */
  take(byte: number): readonly number[] {
    if (this.#state === 'done') return [byte]
    if (this.#state === 'plain') return this.#seek(byte)
    if (this.#state === 'tail') {
      this.#left -= 1
      if (this.#left === 0) this.#state = 'done'
      return []
    }
    return this.#decode(byte)
  }

  #seek(byte: number): readonly number[] {
    this.#head += String.fromCharCode(byte)
    if (this.#head.length <= MARK.length) {
      if (MARK.startsWith(this.#head)) return []
      const held = this.#head
      this.#head = ''
      // The last byte may be the first of the mark.
      if (held.length > 1 && held.endsWith(MARK.charAt(0))) {
        this.#head = MARK.charAt(0)
        return [...Buffer.from(held.slice(0, -1), 'latin1')]
      }
      return [...Buffer.from(held, 'latin1')]
    }
    if (this.#head.length === MARK.length + LENGTH_CHARACTERS) {
      const length = Buffer.from(this.#head.slice(MARK.length), 'base64')
      this.#left = length.length >= 4 ? length.readUInt32LE(0) : 0
      this.#endIfOver()
      if (this.#state === 'plain') this.#state = 'encoded'
    }
    return []
  }

  #decode(byte: number): readonly number[] {
    if (unseen.includes(byte)) return []
    // A character of two bytes stands for itself, and counts as one.
    if (byte >= HIGH && !this.#isSecond) {
      this.#isSecond = true
      return [byte]
    }
    this.#left -= 1
    const plain = this.#isSecond ? [byte] : this.#plain(byte)
    this.#isSecond = false
    this.#endIfOver()
    return plain
  }

  #plain(byte: number): readonly number[] {
    if (byte === ESCAPE && !this.#isEscaped) {
      this.#isEscaped = true
      return []
    }
    const turn = this.#turn
    this.#turn += 1
    if (!this.#isEscaped) return [lookUp(byte, turn)]
    this.#isEscaped = false
    return [escaped[String.fromCharCode(byte)] ?? UNKNOWN]
  }

  #endIfOver(): void {
    if (this.#left > 0) return
    this.#state = 'tail'
    this.#left = TAIL_BYTES
  }
}

function lookUp(byte: number, turn: number): number {
  const alphabet = alphabets[Number(turns[turn % turns.length])] as Buffer
  if (byte === TAB) return alphabet[0] as number
  return byte < BLANK ? byte : (alphabet[1 + byte - BLANK] as number)
}
