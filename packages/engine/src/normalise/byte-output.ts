/**
 * Bytes as they are written one after the other, up to a limit: the memory a normalised form grows in. What is past the
 * limit is counted and not kept, so that a form is either whole or known to be too long.
 */
import { lowerCase } from './bytes.ts'

const FIRST_CAPACITY = 4096

export class ByteOutput {
  #bytes: Uint8Array
  #length = 0
  readonly #limit: number

  /** `expected` bytes are likely; it grows by doubling past that. */
  constructor(limit: number, expected = FIRST_CAPACITY) {
    this.#bytes = new Uint8Array(Math.min(limit, expected))
    this.#limit = limit
  }

  /** The last byte written; 0 before the first. */
  last = 0

  get length(): number {
    return this.#length
  }

  /** Whether more was written than the limit allows. */
  get overflowed(): boolean {
    return this.#length > this.#limit
  }

  push(byte: number): void {
    if (this.#length < this.#bytes.length) this.#bytes[this.#length] = byte
    else this.#grow(byte)
    this.#length += 1
    this.last = byte
  }

  /** Writes bytes `from` up to `to`, of which there are some, letters in lower case if wanted. */
  run(bytes: Uint8Array, from: number, to: number, isLower: boolean): void {
    const end = this.#length + to - from
    while (this.#bytes.length < end && this.#bytes.length < this.#limit) this.#enlarge()
    const target = this.#bytes
    for (let at = from, place = this.#length; at < to; at += 1, place += 1) {
      // Past the limit this writes nowhere.
      target[place] = isLower ? lowerCase(bytes[at] as number) : (bytes[at] as number)
    }
    this.#length = end
    this.last = isLower ? lowerCase(bytes[to - 1] as number) : (bytes[to - 1] as number)
  }

  /** Writes the bytes of an ASCII text. */
  text(text: string): void {
    for (let index = 0; index < text.length; index += 1) this.push(text.charCodeAt(index))
  }

  /** A view of what was written, valid until more is; at most `limit` bytes. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, Math.min(this.#length, this.#limit))
  }

  clear(): void {
    this.#length = 0
    this.last = 0
  }

  #grow(byte: number): void {
    if (this.#length >= this.#limit) return
    this.#enlarge()
    this.#bytes[this.#length] = byte
  }

  #enlarge(): void {
    const larger = new Uint8Array(Math.min(this.#limit, Math.max(FIRST_CAPACITY, this.#bytes.length * 2)))
    larger.set(this.#bytes.subarray(0, Math.min(this.#length, larger.length)))
    this.#bytes = larger
  }
}
