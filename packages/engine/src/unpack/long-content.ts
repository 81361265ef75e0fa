/**
 * A content that is longer than what is held of one in memory. While it is decoded the first time its length is measured, and its beginning and its end
 * are kept; it is then a source that decodes again as it is read, with a window behind the reading place. Who reads forward costs one more
 * decoding. Going further back begins anew, which is counted. No disk is used.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import type { Shortfall } from './container.ts'
import { type ContentBuffer, createContentBuffer } from './content-buffer.ts'

/** What looks for an archive behind a file reads so much at its end. */
const TAIL_BYTES = 128 * 1024
/** Behind the reading place: what matches a window goes back by less. */
const KEPT_BYTES = 1024 * 1024
const WINDOW_BYTES = 4 * 1024 * 1024
/**
 * Times that one content is decoded: for its type, its signatures, its hashes, each form of it, its entries' places and their contents. What is
 * read here and there, as a file system would be, is given up.
 */
const MOST_DECODINGS = 24

/** A long content cannot be read on. It ends the content, not the scan. */
export class LongContentError extends Error {
  override readonly name = 'LongContentError'
  readonly shortfall: Shortfall

  constructor(shortfall: Shortfall) {
    super(shortfall.detail)
    this.shortfall = shortfall
  }
}

/** The decoded bytes of one content, from its beginning; a view holds until the next is asked for. */
export type Decoding = Generator<Uint8Array, Shortfall | undefined>

/** Takes a content in order, and keeps what is held of it. */
export class MeasuredContent {
  readonly #head: ContentBuffer
  readonly #most: number
  readonly #tail = new Uint8Array(TAIL_BYTES)
  #size = 0

  constructor({ limits, heldBytes }: Budget) {
    this.#head = createContentBuffer(heldBytes, 0)
    this.#most = limits.maxContentBytes
  }

  get size(): number {
    return this.#size
  }

  /** False when some of the chunk is beyond what may be scanned of a content. */
  append(chunk: Uint8Array): boolean {
    const bytes = chunk.subarray(0, Math.max(0, this.#most - this.#size))
    this.#size += bytes.length
    if (!this.#head.append(bytes)) {
      if (bytes.length < TAIL_BYTES) this.#tail.copyWithin(0, bytes.length)
      const last = bytes.subarray(Math.max(0, bytes.length - TAIL_BYTES))
      this.#tail.set(last, TAIL_BYTES - last.length)
    }
    return bytes.length === chunk.length
  }

  get isLong(): boolean {
    return this.#size > this.#head.length
  }

  /** What is held: all of it, unless it is long. */
  bytes(): Uint8Array {
    return this.#head.bytes()
  }

  /** A long one as a source, which is closed by its owner. */
  source(decode: () => Decoding, budget: Budget): LongSource {
    const known = Math.min(TAIL_BYTES, this.#size - this.#head.length)
    return new LongSource(this.#head.bytes(), this.#tail.subarray(TAIL_BYTES - known), this.#size, {
      decode,
      budget,
    })
  }
}

export class LongSource implements ByteSource, Disposable {
  readonly size: number
  readonly #head: Uint8Array
  readonly #tail: Uint8Array
  readonly #decode: () => Decoding
  readonly #budget: Budget
  #decoding: Decoding | undefined
  #decodings = 0
  /** Of the content, from `#start` on, `#length` bytes. */
  #window = new Uint8Array(0)
  #start = 0
  #length = 0

  constructor(
    head: Uint8Array,
    tail: Uint8Array,
    size: number,
    { decode, budget }: { readonly decode: () => Decoding; readonly budget: Budget },
  ) {
    this.size = size
    this.#head = head
    this.#tail = tail
    this.#decode = decode
    this.#budget = budget
  }

  /** Throws LongContentError when it has been decoded too often, or does not come out as before. */
  read(offset: number, length: number): Uint8Array {
    const end = Math.min(this.size, offset + length)
    if (offset >= end) return new Uint8Array(0)
    if (end <= this.#head.length) return this.#head.subarray(offset, end)
    const tailStart = this.size - this.#tail.length
    if (offset >= tailStart) return this.#tail.subarray(offset - tailStart, end - tailStart)
    if (this.#decoding === undefined || offset < this.#start) this.#begin()
    while (this.#start + this.#length < end) this.#advance(offset)
    return this.#window.subarray(offset - this.#start, end - this.#start)
  }

  /** Gives the decoder back. */
  [Symbol.dispose](): void {
    this.#decoding?.return(undefined)
    this.#decoding = undefined
  }

  #begin(): void {
    this[Symbol.dispose]()
    this.#decodings += 1
    if (this.#decodings > MOST_DECODINGS)
      throw new LongContentError({
        reason: 'budget-exceeded',
        detail: `it would have to be decoded more than ${MOST_DECODINGS} times`,
      })
    this.#decoding = this.#decode()
    this.#start = 0
    this.#length = 0
  }

  /** Takes the next bytes, and lets go of what lies far enough before `needed`. */
  #advance(needed: number): void {
    this.#budget.check()
    const next = this.#decoding?.next()
    if (next === undefined || next.done === true) {
      const shortfall = next?.value ?? { reason: 'damaged', detail: 'it ends earlier than before' }
      throw new LongContentError(shortfall)
    }
    const chunk = next.value
    const end = this.#start + this.#length
    const from = Math.max(this.#start, Math.min(needed, end - KEPT_BYTES))
    const kept = end - from
    if (this.#length + chunk.length > this.#window.length) {
      const window =
        kept + chunk.length <= WINDOW_BYTES && this.#window.length > 0
          ? this.#window
          : new Uint8Array(Math.max(WINDOW_BYTES, 2 * kept + chunk.length))
      window.set(this.#window.subarray(from - this.#start, this.#length))
      this.#window = window
      this.#start = from
      this.#length = kept
    }
    this.#window.set(chunk, this.#length)
    this.#length += chunk.length
  }
}
