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

/** What the digests of hashes depend on: four words, made of the secret. */
export function hashSecretOf(secret: string): Int32Array {
  const text = hash('sha256', secret, 'binary')
  return Int32Array.from({ length: 4 }, (_, index) => wordOf(text, 4 * index))
}

/** The digest of a hash: its first 128 bits, its table and its size, each half of the digest by words of the secret of its own. */
export function hashDigestOf(secret: Int32Array, key: HashKey, allows: boolean): LineDigest {
  const [a = 0, b = 0, c = 0, d = 0] = secret
  bits.write(key.hex, 0, 'hex')
  return withAllowBit(mixed(a, b, key), mixed(c, d, key), allows)
}

/** The first 128 bits of the hash in hand. */
const bits = Buffer.alloc(16)

function mixed(start: number, key: number, { table, size = -1 }: HashKey): number {
  let mix = blended(start, bits.readInt32LE(0))
  mix = blended(mix, bits.readInt32LE(4) ^ key)
  mix = blended(mix, bits.readInt32LE(8))
  mix = blended(mix, bits.readInt32LE(12) ^ key)
  mix = blended(mix, hashTableNames.indexOf(table))
  mix = blended(mix, size | 0)
  mix = Math.imul(mix ^ (mix >>> 16), ANCHOR_MIX_1)
  mix = Math.imul(mix ^ (mix >>> 13), ANCHOR_MIX_2)
  return (mix ^ (mix >>> 16)) >>> 0
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
  return withAllowBit(wordOf(text, 0), wordOf(text, 4), false)
}

/** Four characters, each of a byte, as a word. */
function wordOf(text: string, at: number): number {
  return (
    (text.charCodeAt(at) |
      (text.charCodeAt(at + 1) << 8) |
      (text.charCodeAt(at + 2) << 16) |
      (text.charCodeAt(at + 3) << 24)) >>>
    0
  )
}

/** Words of a piece of what is collected: what is never copied while it grows. */
const PIECE_WORDS = 2 ** 20

/** Digests in the order they came. */
export class DigestCollector {
  #pieces: Uint32Array[] = []
  #used = PIECE_WORDS

  add({ low, high }: LineDigest): void {
    if (this.#used === PIECE_WORDS) {
      this.#pieces.push(new Uint32Array(PIECE_WORDS))
      this.#used = 0
    }
    const piece = this.#pieces.at(-1) as Uint32Array
    piece[this.#used] = low
    piece[this.#used + 1] = high
    this.#used += 2
  }

  /** Ascending, each once: lower word, higher word. Ends the collector's life. */
  sorted(): Uint32Array<ArrayBuffer> {
    const last = this.#pieces.length - 1
    const words = new Uint32Array(Math.max(0, last) * PIECE_WORDS + (last < 0 ? 0 : this.#used))
    this.#pieces.forEach((piece, index) => {
      words.set(index === last ? piece.subarray(0, this.#used) : piece, index * PIECE_WORDS)
    })
    this.#pieces = []
    this.#used = PIECE_WORDS
    new BigUint64Array(words.buffer).sort()
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

/** Digests in a bucket of the directory, about: a line of a cache. */
const BUCKET_DIGESTS = 8

/** Finds digests among sorted ones: its number, or -1. */
export function createDigestIndex(words: Uint32Array): (digest: LineDigest) => number {
  const directoryBits = Math.max(1, Math.ceil(Math.log2(words.length / 2 / BUCKET_DIGESTS)))
  const bucketOf = (high: number) => high >>> (32 - directoryBits)
  const starts = new Uint32Array(2 ** directoryBits + 1)
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
