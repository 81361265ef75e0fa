/**
 * Anchors of parts → the filters that find them: sections filters, filterBits, confirmBits, anchorStarts and anchors. Built once, by the compiler, so that whoever
 * matches builds nothing. packages/engine/DESIGN.md explains them; the sizes are explained here.
 */
import { DefinitionsError } from './definitions-error.ts'
import {
  ANCHOR_PART_BITS,
  ANCHOR_TARGET_BITS,
  BITMAP_LOG_MAX,
  BITMAP_LOG_MIN,
  BITMAP_PADDING,
  CASE_BIT,
  CONFIRM_SPREAD,
  LONG_ANCHOR_BYTES,
  PROBE_SPREAD,
} from './filter-layout.ts'
import {
  anchorBucket,
  anchorPhases,
  anchorTag,
  anchorWords,
  enterAnchor,
  mixedAnchor,
  wordAt,
} from './gram-hash.ts'
import { anchor, anchorSizes, filter, PARTS_MAX } from './layout.ts'
import { createWordBuffer, littleEndian } from './record-buffer.ts'

export interface FilterSections {
  readonly filters: Uint8Array
  readonly filterBits: Uint8Array
  readonly confirmBits: Uint8Array
  readonly anchorStarts: Uint8Array
  readonly anchors: Uint8Array
}

export interface FilterEncoder {
  /** Adds the anchor of a part, `length` bytes at `skip` of a fixed run, for contents of a target. */
  add(part: number, target: number, run: Uint8Array, skip: number, length: number): void
  encode(): FilterSections
}

/** Bits for each key: 6 to 12, so that 8 to 15 of 100 bits are set; of the smaller short ones fewer, for they are asked for every byte. */
const LONG_BITS_PER_KEY = 6
const SHORT_BITS_PER_KEY = 32

/** Words of a collected anchor: its first four bytes, the next four, its size, its target, the witness's distance and bytes, its part. */
const WORDS = 7

/** How far from an anchor its witness may stand: seven bits with a sign, and no farther than is likely to be in the same line of a cache. */
const WITNESS_FARTHEST = 48

export function createFilterEncoder(): FilterEncoder {
  const collected = createWordBuffer()
  let parts = 0
  return {
    add(part, target, run, skip, length) {
      const size = anchorSizes.find((each) => each <= length) ?? 2
      const folded = run.map((byte) => byte | CASE_BIT)
      const { low, high } = anchorWords(folded, skip, size)
      collected.push(low, high, size, target, ...witnessOf(folded, skip, size), part)
      parts = Math.max(parts, part + 1)
    },
    encode() {
      if (parts > PARTS_MAX) {
        throw new DefinitionsError('bad-input', `The set has more than ${PARTS_MAX} parts; split it.`)
      }
      const list = collected.words()
      const { filters, filterBits } = encodeProbes(list)
      return {
        filters,
        filterBits,
        confirmBits: bitmap(list, LONG_ANCHOR_BYTES, anyTarget, CONFIRM_SPREAD),
        ...encodeAnchors(list),
      }
    },
  }
}

/**
 * Four bytes of the run beside the anchor, as far as they do not overlap: those behind it, or else those before it. A
 * pattern whose anchor is a common word is told from others with that word by them.
 */
function witnessOf(run: Uint8Array, skip: number, size: number): [distance: number, bytes: number] {
  if (run.length < 4) return [0, 0]
  const behind = Math.min(run.length - 4, skip + WITNESS_FARTHEST)
  const before = Math.max(0, skip - WITNESS_FARTHEST)
  // The farther one overlaps the anchor least.
  const at = behind - skip >= size || behind - skip >= skip - before ? behind : before
  return [at - skip, wordAt(run, at)]
}

type IsWanted = (target: number) => boolean
const anyTarget: IsWanted = () => true

/** For each target with anchors of its own a filter of each size, which has the anchors of target 0 in it too. */
function encodeProbes(list: Uint32Array): { filters: Uint8Array; filterBits: Uint8Array } {
  const targets = new Set<number>()
  for (let at = 0; at < list.length; at += WORDS) targets.add(list[at + 3] as number)
  const records = createWordBuffer()
  const bitmaps: Uint8Array[] = []
  let length = 0
  for (const target of [...targets].sort((a, b) => a - b)) {
    for (const size of anchorSizes) {
      const bits = bitmap(list, size, (own) => own === 0 || own === target, PROBE_SPREAD)
      if (bits.length === 0) continue
      records.push(
        ...filterWords({
          target,
          anchorBytes: size,
          bits: length,
          bytesLog: Math.log2(bits.length - BITMAP_PADDING),
        }),
      )
      bitmaps.push(bits)
      length += bits.length
    }
  }
  return { filters: records.bytes(), filterBits: new Uint8Array(Buffer.concat(bitmaps)) }
}

function filterWords(fields: Record<Exclude<keyof typeof filter, 'words'>, number>): number[] {
  const words = new Array<number>(filter.words)
  words[filter.target] = fields.target
  words[filter.anchorBytes] = fields.anchorBytes
  words[filter.bits] = fields.bits
  words[filter.bytesLog] = fields.bytesLog
  return words
}

/** A bit for each gram of the wanted anchors of one size; empty when there are none. */
function bitmap(list: Uint32Array, size: number, isWanted: IsWanted, spread: number): Uint8Array {
  const wanted: number[] = []
  for (let at = 0; at < list.length; at += WORDS) {
    if (list[at + 2] === size && isWanted(list[at + 3] as number)) wanted.push(at)
  }
  if (wanted.length === 0) return new Uint8Array(0)
  const bitsPerKey = size === LONG_ANCHOR_BYTES ? LONG_BITS_PER_KEY : SHORT_BITS_PER_KEY
  const bitsWanted = wanted.length * anchorPhases(size) * bitsPerKey
  const log = Math.min(BITMAP_LOG_MAX, Math.max(BITMAP_LOG_MIN, Math.ceil(Math.log2(bitsWanted / 8))))
  const bits = new Uint8Array(2 ** log + BITMAP_PADDING)
  for (const at of wanted)
    enterAnchor(bits, log, { low: list[at] as number, high: list[at + 1] as number, size }, spread)
  return bits
}

function placeWord(part: number, target: number, distance: number): number {
  return part | (target << ANCHOR_PART_BITS) | (distance << (ANCHOR_PART_BITS + ANCHOR_TARGET_BITS))
}

/** Anchors by bucket, and where each bucket begins. About as many buckets as anchors. */
function encodeAnchors(list: Uint32Array): { anchorStarts: Uint8Array; anchors: Uint8Array } {
  const count = list.length / WORDS
  if (count === 0) return { anchorStarts: new Uint8Array(0), anchors: new Uint8Array(0) }
  const log = Math.max(1, Math.floor(Math.log2(count)))
  const starts = new Uint32Array(2 ** log + 1)
  const bucketOf = (index: number) =>
    anchorBucket(mixedAnchor(list[index * WORDS] as number, list[index * WORDS + 1] as number), log)
  for (let index = 0; index < count; index += 1) {
    const next = bucketOf(index) + 1
    starts[next] = (starts[next] as number) + 1
  }
  for (let bucket = 1; bucket < starts.length; bucket += 1) {
    starts[bucket] = (starts[bucket] as number) + (starts[bucket - 1] as number)
  }
  const fill = starts.slice()
  const anchors = new Uint32Array(count * anchor.words)
  for (let index = 0; index < count; index += 1) {
    const bucket = bucketOf(index)
    const at = fill[bucket] as number
    fill[bucket] = at + 1
    const from = index * WORDS
    const low = list[from] as number
    const record = at * anchor.words
    anchors[record + anchor.tag] = anchorTag(low, mixedAnchor(low, list[from + 1] as number))
    anchors[record + anchor.place] = placeWord(
      list[from + 6] as number,
      list[from + 3] as number,
      list[from + 4] as number,
    )
    anchors[record + anchor.witness] = list[from + 5] as number
  }
  return { anchorStarts: littleEndian(starts), anchors: littleEndian(anchors) }
}
