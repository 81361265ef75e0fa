/**
 * Writes a signature file of any length in bounded memory: bytes are put into one buffer, which goes to the file and into a
 * digest when it is full. No strings are made for what millions of lines are made of.
 */
import type { Hash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'

const CAPACITY = 1 << 20
/** Room for whatever is put between two looks at the buffer: a hash line, or a piece of a longer line. */
const SLACK = 1024

const digits = Buffer.from('0123456789abcdef')

export class TextWriter implements Disposable {
  readonly #fd: number
  readonly #hash: Hash
  readonly #buffer = Buffer.allocUnsafe(CAPACITY + SLACK)
  #used = 0
  #written = 0

  /** Begins the file at `path` anew; what is written is also added to `hash`. */
  constructor(path: string, hash: Hash) {
    this.#fd = openSync(path, 'w', 0o644)
    this.#hash = hash
  }

  /** Text of ASCII. */
  text(value: string): void {
    for (let at = 0; at < value.length; at += SLACK) {
      this.#used += this.#buffer.write(value.slice(at, at + SLACK), this.#used, 'latin1')
      this.#makeRoom()
    }
  }

  /** Bytes as they are, fewer than the slack. */
  raw(bytes: Uint8Array): void {
    this.#buffer.set(bytes, this.#used)
    this.#used += bytes.length
    this.#makeRoom()
  }

  /** A number of 32 bits as eight hexadecimal digits. */
  hex(value: number): void {
    for (let shift = 28; shift >= 0; shift -= 4)
      this.#buffer[this.#used++] = digits[(value >>> shift) & 15] as number
    this.#makeRoom()
  }

  /** A whole number in decimal. */
  number(value: number): void {
    let divisor = 1
    while (value / divisor >= 10) divisor *= 10
    for (let left = value; divisor >= 1; divisor /= 10) {
      const digit = Math.floor(left / divisor)
      this.#buffer[this.#used++] = 48 + digit
      left -= digit * divisor
    }
    this.#makeRoom()
  }

  /** Writes what is left; answers with the bytes of the whole file. */
  end(): number {
    this.#flush()
    return this.#written
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }

  #makeRoom(): void {
    if (this.#used >= CAPACITY) this.#flush()
  }

  #flush(): void {
    const filled = this.#buffer.subarray(0, this.#used)
    this.#hash.update(filled)
    for (let at = 0; at < filled.length; ) at += writeSync(this.#fd, filled, at)
    this.#written += filled.length
    this.#used = 0
  }
}
