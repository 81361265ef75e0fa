/**
 * How grams and anchors are hashed for filters, by whoever writes them. The matcher's kernel does the same in 64-bit arithmetic
 * (packages/engine/kernel/kernel.ts); all bytes come with the case bit set.
 */
import {
  ANCHOR_MIX_1,
  ANCHOR_MIX_2,
  ANCHOR_MIX_3,
  BITMAP_BIT_LOG,
  LONG_ANCHOR_BYTES,
  LONG_STRIDE,
  MIDDLE_ANCHOR_BYTES,
  MIDDLE_STRIDE,
  SHORT_SPREAD,
} from './filter-layout.ts'

const HALF = 2 ** 20
const WHOLE = 2 ** 40

/**
 * The bit of a gram of 5 bytes, `low` its first four and `fifth`, in a bitmap of 2 to the power of `log` bytes: the upper bits of the 40 lower
 * ones of gram times multiplier. Both are cut into halves of 20 bits, so that every product is exact.
 */
function longGramBit(low: number, fifth: number, multiplier: number, log: number): number {
  const gramLow = low & (HALF - 1)
  const gramHigh = (low >>> 20) + fifth * 4096
  const byLow = multiplier % HALF
  const byHigh = Math.floor(multiplier / HALF)
  const middle = (gramLow * byHigh + gramHigh * byLow) % HALF
  return bitAt(Math.floor(((gramLow * byLow + middle * HALF) % WHOLE) / 2 ** (40 - log - BITMAP_BIT_LOG)))
}

/** The bit of a gram of 2 or 3 bytes, given as the upper bytes of a word; likewise. */
function shortGramBit(gram: number, log: number): number {
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

/** The bytes by which an anchor is known: its first four, and the next four, or of a shorter one its size. */
export interface AnchorWords {
  readonly low: number
  readonly high: number
}

/** An anchor of 8, 4, 3 or 2 bytes at `at`, which all have the case bit. */
export function anchorWords(bytes: Uint8Array, at: number, size: number): AnchorWords {
  const known = bytes.subarray(at, at + size)
  return { low: wordAt(known, 0), high: size === LONG_ANCHOR_BYTES ? wordAt(known, 4) : size }
}

/** Four bytes as a word; those behind the end are 0. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)) >>>
    0
  )
}

/** In how many grams an anchor of so many bytes is entered: one for each place that the sample may have. */
export function anchorPhases(size: number): number {
  return size === LONG_ANCHOR_BYTES ? LONG_STRIDE : size === MIDDLE_ANCHOR_BYTES ? MIDDLE_STRIDE : 1
}

/** Sets the bits of an anchor's grams in a bitmap of 2 to the power of `log` bytes. `spread` is the bitmap's multiplier, for long anchors. */
export function enterAnchor(
  bits: Uint8Array,
  log: number,
  { low, high, size }: AnchorWords & { readonly size: number },
  spread: number,
): void {
  for (let phase = 0; phase < anchorPhases(size); phase += 1) {
    const index =
      size === LONG_ANCHOR_BYTES ? longBit(low, high, phase, spread, log) : shortBit(low, size, phase, log)
    bits[index >>> 3] = (bits[index >>> 3] as number) | (1 << (index & 7))
  }
}

/** The bit of the gram of 5 bytes that begins at byte `phase`, 0 to 3, of an anchor of 8. */
function longBit(low: number, high: number, phase: number, spread: number, log: number): number {
  const shift = 8 * phase
  // A shift by 32 bits would be one by none.
  const gram = phase === 0 ? low : ((low >>> shift) | (high << (32 - shift))) >>> 0
  return longGramBit(gram, (high >>> shift) & 0xff, spread, log)
}

/** The bit of the gram of 3 bytes that begins at byte `phase` of an anchor of 4; of the whole of a shorter one. */
function shortBit(bytes: number, size: number, phase: number, log: number): number {
  return shortGramBit(size === 2 ? bytes << 16 : (bytes >>> (8 * phase)) << 8, log)
}
