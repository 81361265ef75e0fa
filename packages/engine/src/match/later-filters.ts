/**
 * Filters for a few parts, made while a content is matched: for what is asked for beside what was found of logical signatures. In the form
 * in which the compiler writes the filters of a whole set (packages/definitions/src/filter-encoder.ts), so that the kernel serves both.
 */
import {
  anchor,
  anchorBucket,
  anchorSizes,
  anchorTag,
  anchorWords,
  BITMAP_PADDING,
  CASE_BIT,
  CONFIRM_SPREAD,
  enterAnchor,
  LATER_PARTS_MAX,
  LONG_ANCHOR_BYTES,
  mixedAnchor,
  PROBE_SPREAD,
} from '@coreward/definitions'

/** Bytes of each bitmap as a power of two: all of them lie in a core's first cache, and with as many parts as there may be an eighth is set. */
const BITMAP_LOG = 12
const BITMAP_BYTES = 2 ** BITMAP_LOG + BITMAP_PADDING
const BUCKETS_LOG = 8
const STARTS_BYTES = 4 * (2 ** BUCKETS_LOG + 1)
const ANCHORS_BYTES = 4 * anchor.words * LATER_PARTS_MAX

/** Memory that such filters need: a bitmap for each size of anchors and one more, the buckets and the anchors. */
export const LATER_FILTERS_BYTES =
  (anchorSizes.length + 1) * BITMAP_BYTES + Math.ceil(STARTS_BYTES / 8) * 8 + ANCHORS_BYTES

/** A part, and the fixed bytes that it is searched by: 2 to 8. */
export interface SoughtPart {
  readonly part: number
  readonly bytes: Uint8Array
}

/** Where a bitmap lies that the kernel searches by. */
export interface ActiveFilter {
  readonly anchorBytes: number
  readonly bits: number
  readonly bytesLog: number
}

export class LaterFilters {
  /** As the kernel takes them. */
  readonly starts: number
  readonly startsLog = BUCKETS_LOG
  readonly anchors: number
  readonly confirm: number
  readonly confirmLog = BITMAP_LOG
  readonly #memory: ArrayBufferLike
  readonly #bitmaps: number

  /** In LATER_FILTERS_BYTES at `address`, a multiple of 8. */
  constructor(memory: ArrayBufferLike, address: number) {
    this.#memory = memory
    this.#bitmaps = address
    this.confirm = address + anchorSizes.length * BITMAP_BYTES
    this.starts = this.confirm + BITMAP_BYTES
    this.anchors = this.starts + Math.ceil(STARTS_BYTES / 8) * 8
  }

  /** Writes filters for these parts, LATER_PARTS_MAX at most, over those before. */
  write(sought: readonly SoughtPart[]): readonly ActiveFilter[] {
    const starts = new Uint32Array(this.#memory, this.starts, 2 ** BUCKETS_LOG + 1).fill(0)
    const active: ActiveFilter[] = []
    const entries = sought.map(({ part, bytes }) => {
      const size = anchorSizes.find((each) => each <= bytes.length) ?? 2
      const words = {
        ...anchorWords(
          bytes.map((byte) => byte | CASE_BIT),
          0,
          size,
        ),
        size,
      }
      const kind = anchorSizes.indexOf(size)
      const bits = this.#bitmaps + kind * BITMAP_BYTES
      if (!active.some(({ anchorBytes }) => anchorBytes === size)) {
        this.#bitmap(bits).fill(0)
        if (size === LONG_ANCHOR_BYTES) this.#bitmap(this.confirm).fill(0)
        active.push({ anchorBytes: size, bits, bytesLog: BITMAP_LOG })
      }
      enterAnchor(this.#bitmap(bits), BITMAP_LOG, words, PROBE_SPREAD)
      if (size === LONG_ANCHOR_BYTES)
        enterAnchor(this.#bitmap(this.confirm), BITMAP_LOG, words, CONFIRM_SPREAD)
      const mixed = mixedAnchor(words.low, words.high)
      const bucket = anchorBucket(mixed, BUCKETS_LOG)
      starts[bucket + 1] = (starts[bucket + 1] as number) + 1
      return { part, tag: anchorTag(words.low, mixed), bucket }
    })
    for (let bucket = 1; bucket < starts.length; bucket += 1)
      starts[bucket] = (starts[bucket] as number) + (starts[bucket - 1] as number)
    const fill = starts.slice()
    const anchors = new Uint32Array(this.#memory, this.anchors, anchor.words * entries.length)
    for (const { part, tag, bucket } of entries) {
      const at = (fill[bucket] as number) * anchor.words
      fill[bucket] = (fill[bucket] as number) + 1
      anchors[at + anchor.tag] = tag
      // For any target, and without a witness: few are sought.
      anchors[at + anchor.place] = part
      anchors[at + anchor.witness] = 0
    }
    return active
  }

  #bitmap(address: number): Uint8Array {
    return new Uint8Array(this.#memory, address, BITMAP_BYTES)
  }
}
