/**
 * The text of an HTML file without its tags (ClamAV's notags.html), in lower case with single blanks. Bytes above 127 come
 * out as ClamAV 1.4.6 writes them: of two the first one twice, of three the first one and the second one twice, of one a
 * zero. That looks like a mistake, but signatures for text in UTF-8 are made from it.
 */

import type { ByteOutput } from './byte-output.ts'
import { BLANK, isSpace, lowerCase } from './bytes.ts'

export class TaglessOutput {
  readonly #output: ByteOutput
  #blank = false
  /** Bytes above 127 since the last other one, and the latest of them. */
  #highCount = 0
  #high = 0

  constructor(output: ByteOutput) {
    this.#output = output
  }

  /** White space, or something that stands for it. */
  blank(): void {
    this.#flush()
    if (!this.#blank) this.#output.push(BLANK)
    this.#blank = true
  }

  /** A byte of the text. */
  write(byte: number): void {
    if (byte > 0x7f) {
      this.#writeHigh(byte)
    } else if (byte <= BLANK) {
      this.blank()
    } else {
      this.#flush()
      this.#output.push(lowerCase(byte))
      this.#blank = false
    }
  }

  /** Plain bytes of the text, some of them. */
  run(bytes: Uint8Array, from: number, to: number): void {
    this.#flush()
    this.#output.run(bytes, from, to, true)
    this.#blank = false
  }

  /** A byte of a script: it is left out, but not when it is above 127. */
  writeHidden(byte: number): void {
    if (byte > 0x7f) this.#writeHigh(byte)
    else this.#flush()
  }

  /** An address in its own case, and a blank. */
  address(text: string): void {
    for (let index = 0; index < text.length; index += 1) {
      const byte = text.charCodeAt(index)
      this.#output.push(isSpace(byte) ? BLANK : byte)
    }
    this.#output.push(BLANK)
    this.#blank = true
  }

  #writeHigh(byte: number): void {
    this.#highCount += 1
    if (this.#highCount > 1) this.#output.push(this.#high)
    if (this.#highCount === 3) {
      this.#output.push(this.#high)
      this.#highCount = 0
    }
    this.#high = byte
  }

  #flush(): void {
    if (this.#highCount === 1) this.#output.push(0)
    else if (this.#highCount === 2) this.#output.push(this.#firstHigh())
    this.#highCount = 0
  }

  /** Of two bytes the first, which was the last written. */
  #firstHigh(): number {
    return this.#output.last
  }
}
