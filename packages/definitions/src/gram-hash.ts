/**
 * How grams and anchors are hashed for the filters, by the compiler. The matcher's kernel does the same in 64-bit arithmetic
 * (packages/engine/kernel/kernel.ts); all bytes come with the case bit set.
 */
import { ANCHOR_MIX_1, ANCHOR_MIX_2, ANCHOR_MIX_3, BITMAP_BIT_LOG, SHORT_SPREAD } from './filter-layout.ts'

const HALF = 2 ** 20
const WHOLE = 2 ** 40

/**
 * The bit of a gram of 5 bytes, `low` its first four and `fifth`, in a bitmap of 2 to the power of `log` bytes: the upper bits of the 40 lower
 * ones of gram times multiplier. Both are cut into halves of 20 bits, so that every product is exact.
 */
export function longGramBit(low: number, fifth: number, multiplier: number, log: number): number {
  const gramLow = low & (HALF - 1)
  const gramHigh = (low >>> 20) + fifth * 4096
  const byLow = multiplier % HALF
  const byHigh = Math.floor(multiplier / HALF)
  const middle = (gramLow * byHigh + gramHigh * byLow) % HALF
  return bitAt(Math.floor(((gramLow * byLow + middle * HALF) % WHOLE) / 2 ** (40 - log - BITMAP_BIT_LOG)))
}

/** The bit of a gram of 2 or 3 bytes, given as the upper bytes of a word; likewise. */
export function shortGramBit(gram: number, log: number): number {
  return bitAt(Math.imul(gram, SHORT_SPREAD) >>> (32 - log - BITMAP_BIT_LOG))
}

/** The upper bits of a hash say at which byte 32 bits begin, and the lower five which of them it is. */
function bitAt(hash: number): number {
  const mask = (1 << BITMAP_BIT_LOG) - 1
  return 8 * (hash >>> BITMAP_BIT_LOG) + (hash & mask)
}

/**
 * A whole anchor, mixed: `low` its first four bytes, `high` the next four, or for one that is known by fewer their number. The two
 * can be had back from it and `low`, so of two anchors with equal tags in one bucket hardly ever one is another.
 */
export function mixedAnchor(low: number, high: number): number {
  let mixed = Math.imul(low, ANCHOR_MIX_1) ^ high
  mixed = Math.imul(mixed ^ (mixed >>> 15), ANCHOR_MIX_2)
  return (mixed ^ (mixed >>> 13)) >>> 0
}

/** The bucket of a mixed anchor among 2 to the power of `log`. */
export function anchorBucket(mixed: number, log: number): number {
  return Math.imul(mixed, ANCHOR_MIX_1) >>> (32 - log)
}

/** What tells anchors in one bucket apart. */
export function anchorTag(low: number, mixed: number): number {
  return (Math.imul(low, ANCHOR_MIX_3) ^ mixed) >>> 0
}
