/**
 * Digests of lines, by the million: 63 bits of a SHA-256 that begins with a secret, so that nobody can write a signature that passes for
 * another, and a bit that says that the line allows. In memory 8 bytes each, without an object for a line.
 */
import { hash } from 'node:crypto'

/** A digest as two words: in bit 0 of the lower one, whether the line allows. */
export interface LineDigest {
  readonly low: number
  readonly high: number
}

export const ALLOW_BIT = 1

/** The digest of a line's key. */
export function digestOf(secret: string, key: string, allows: boolean): LineDigest {
  const text = hash('sha256', secret + key, 'binary')
  const word = (at: number) =>
    (text.charCodeAt(at) |
      (text.charCodeAt(at + 1) << 8) |
      (text.charCodeAt(at + 2) << 16) |
      (text.charCodeAt(at + 3) << 24)) >>>
    0
  return { low: ((word(0) & ~ALLOW_BIT) | (allows ? ALLOW_BIT : 0)) >>> 0, high: word(4) }
}

/** Digests in the order they came. */
export class DigestCollector {
  #words = new Uint32Array(2 * 1024)
  #count = 0

  add({ low, high }: LineDigest): void {
    if (2 * this.#count === this.#words.length) {
      const larger = new Uint32Array(2 * Math.ceil(this.#count * 1.5))
      larger.set(this.#words)
      this.#words = larger
    }
    this.#words[2 * this.#count] = low
    this.#words[2 * this.#count + 1] = high
    this.#count += 1
  }

  /** Ascending, each once: lower word, higher word. Ends the collector's life. */
  sorted(): Uint32Array<ArrayBuffer> {
    const words = this.#words.subarray(0, 2 * this.#count)
    new BigUint64Array(words.buffer, 0, this.#count).sort()
    let kept = 0
    for (let at = 0; at < words.length; at += 2) {
      if (kept > 0 && words[kept - 2] === words[at] && words[kept - 1] === words[at + 1]) continue
      words[kept] = words[at] as number
      words[kept + 1] = words[at + 1] as number
      kept += 2
    }
    return words.subarray(0, kept)
  }
}

/** How two digests are ordered. */
export function compareDigests(a: Uint32Array, aAt: number, b: Uint32Array, bAt: number): number {
  return (a[aAt + 1] as number) - (b[bAt + 1] as number) || (a[aAt] as number) - (b[bAt] as number)
}

const DIRECTORY_BITS = 18

/** Finds digests among sorted ones: its number, or -1. */
export function createDigestIndex(words: Uint32Array): (digest: LineDigest) => number {
  const bucketOf = (high: number) => high >>> (32 - DIRECTORY_BITS)
  const starts = new Uint32Array(2 ** DIRECTORY_BITS + 1)
  for (let at = 1; at < words.length; at += 2) {
    const next = bucketOf(words[at] as number) + 1
    starts[next] = (starts[next] as number) + 1
  }
  for (let bucket = 1; bucket < starts.length; bucket += 1) {
    starts[bucket] = (starts[bucket] as number) + (starts[bucket - 1] as number)
  }
  return ({ low, high }) => {
    const bucket = bucketOf(high)
    let from = starts[bucket] as number
    let to = starts[bucket + 1] as number
    while (from < to) {
      const middle = (from + to) >>> 1
      const order = high - (words[2 * middle + 1] as number) || low - (words[2 * middle] as number)
      if (order === 0) return middle
      if (order > 0) from = middle + 1
      else to = middle
    }
    return -1
  }
}
