/**
 * Digests of lines, by the million: 63 bits that depend on a secret, so that nobody can write a signature that passes for another, and a bit
 * that says that the line allows. Of a text they are a SHA-256's; of hashes, which are as good as random, a mix that costs a tenth of it. In
 * memory 8 bytes each, without an object for a line.
 */
import { hash } from 'node:crypto'
import { ANCHOR_MIX_1, ANCHOR_MIX_2 } from '../filter-layout.ts'
import { hashTableNames } from '../layout.ts'
import type { HashKey } from './signature-key.ts'

/** A digest as two words: in bit 0 of the lower one, whether the line allows. */
export interface LineDigest {
  readonly low: number
  readonly high: number
}

export const ALLOW_BIT = 1

/** The digest of a hash: its first 128 bits, its table and its size, each half of the digest by keys of its own. */
export function hashDigestOf(secret: string, hash: HashKey, allows: boolean): LineDigest {
  const low = mixed(wordIn(secret, 0), wordIn(secret, 8), hash)
  return withAllowBit(low, mixed(wordIn(secret, 16), wordIn(secret, 24), hash), allows)
}

function mixed(start: number, key: number, { table, hex, size = -1 }: HashKey): number {
  let mix = blended(start, wordIn(hex, 0))
  mix = blended(mix, wordIn(hex, 8) ^ key)
  mix = blended(mix, wordIn(hex, 16))
  mix = blended(mix, wordIn(hex, 24) ^ key)
  mix = blended(mix, hashTableNames.indexOf(table))
  mix = blended(mix, size | 0)
  mix = Math.imul(mix ^ (mix >>> 16), ANCHOR_MIX_1)
  mix = Math.imul(mix ^ (mix >>> 13), ANCHOR_MIX_2)
  return (mix ^ (mix >>> 16)) >>> 0
}

/** Eight hexadecimal digits, in either case, as a word. */
function wordIn(hex: string, at: number): number {
  let word = 0
  for (let digit = at; digit < at + 8; digit += 1) {
    const code = hex.charCodeAt(digit)
    word = (word << 4) | ((code & 0xf) + (code > 0x40 ? 9 : 0))
  }
  return word
}

/** Takes one more word into a mix (xxHash's round). */
function blended(mixed: number, word: number): number {
  const sum = (mixed + Math.imul(word, ANCHOR_MIX_2)) | 0
  return Math.imul((sum << 13) | (sum >>> 19), ANCHOR_MIX_1)
}

function withAllowBit(low: number, high: number, allows: boolean): LineDigest {
  return { low: ((low & ~ALLOW_BIT) | (allows ? ALLOW_BIT : 0)) >>> 0, high }
}

/** The digest of a line's key. */
export function digestOf(secret: string, key: string): LineDigest {
  const text = hash('sha256', secret + key, 'binary')
  const word = (at: number) =>
    (text.charCodeAt(at) |
      (text.charCodeAt(at + 1) << 8) |
      (text.charCodeAt(at + 2) << 16) |
      (text.charCodeAt(at + 3) << 24)) >>>
    0
  return withAllowBit(word(0), word(4), false)
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
