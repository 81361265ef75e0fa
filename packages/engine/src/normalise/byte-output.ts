/**
 * Bytes as they are written one after the other, up to a limit: the memory a normalised form grows in. What is past the
 * limit is counted and not kept, so that a form is either whole or known to be too long.
 */

const FIRST_CAPACITY = 4096

export class ByteOutput {
  #bytes = new Uint8Array(FIRST_CAPACITY)
  #length = 0
  readonly #limit: number

  constructor(limit: number) {
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

  /** Writes the bytes of an ASCII text. */
  text(text: string): void {
    for (let index = 0; index < text.length; index += 1) this.push(text.charCodeAt(index))
  }

  bytesOf(bytes: Uint8Array): void {
    for (const byte of bytes) this.push(byte)
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
    const larger = new Uint8Array(Math.min(this.#limit, this.#bytes.length * 2))
    larger.set(this.#bytes)
    larger[this.#length] = byte
    this.#bytes = larger
  }
}
