/**
 * The prefilter: where in a block of bytes an anchor may stand. Sound and not exact: it names every place where an anchor
 * stands and some where none does. DESIGN.md explains it; the constants are explained here.
 *
 * Anchors fall into three classes by their length. 8 bytes and more: grams of 5 bytes probed at every 4th byte, each
 * anchor entered under its 4 grams, one of which lies on the grid wherever the anchor does. 4 to 7: grams of 4 at every
 * byte. 2 and 3: grams of 2 at every byte. Anchors whose letters may be of either case have filters of their own, which
 * see every byte, the anchors' and the content's, with the bit set that tells the cases apart.
 */

/** An anchor: its bytes, whether letters in it may be of either case, and the number its owner knows it by. */
export interface AnchorEntry {
  readonly bytes: Uint8Array
  readonly folded: boolean
  readonly owner: number
}

/** The bit that tells the cases of ASCII letters apart, in each byte of a word. Other bytes it makes alike do no harm. */
const CASE_BITS = 0x20202020

/** A list past this is better cut: it no longer fits a cache, and a content made for it would fill any memory. */
const CANDIDATES_MAX = 64 * 1024

/** Where an anchor may stand: `positions[i]` for `owners[i]`, both `length` long. Grows as needed; cleared by its user. */
export class CandidateList {
  positions = new Int32Array(4096)
  owners = new Int32Array(4096)
  length = 0

  /** Filters stop when this is so: the list then lacks candidates, unless its stretch was of one word. */
  get full(): boolean {
    return this.length > CANDIDATES_MAX
  }

  push(position: number, owner: number): void {
    if (this.length === this.positions.length) {
      this.positions = doubled(this.positions)
      this.owners = doubled(this.owners)
    }
    this.positions[this.length] = position
    this.owners[this.length] = owner
    this.length += 1
  }
}

function doubled(from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(from.length * 2)
  larger.set(from)
  return larger
}

/** One class of anchors. */
export interface GramFilter {
  /**
   * Adds the candidates of the grams that begin from `from` up to `to` and end within `length`. `from` is a multiple of 4.
   * Stops early when the list is full, unless there are only `SMALLEST_BLOCK_BYTES` to search.
   */
  search(
    bytes: Uint8Array,
    words: Uint32Array,
    from: number,
    to: number,
    length: number,
    into: CandidateList,
  ): void
}

interface GramTable {
  /** A bit for each value of the upper hash bits: most grams of a file end here. */
  readonly bits: Uint8Array
  readonly bitShift: number
  readonly heads: Int32Array
  readonly headShift: number
  readonly next: Int32Array
  readonly keys: Int32Array
  readonly owners: Int32Array
  /** Bytes from the anchor's start to the gram. */
  readonly phases: Int32Array
}

/** Bits per key: at most one gram in 16 of a file unlike any anchor passes by chance. */
const BITS_PER_KEY = 16
/** 8 KiB stay in the first cache; 2 MiB are what a second cache holds. */
const LEAST_BITS_LOG = 16
const MOST_BITS_LOG = 24

/** Knuth's multiplicative hash: the golden ratio of 2³². */
const SPREAD = 0x9e3779b1

const LONG_STRIDE = 4

/** One word: a stretch so short is searched whole, however many candidates it has. */
export const SMALLEST_BLOCK_BYTES = LONG_STRIDE

const LONG_GRAM = 5

function buildTable(keys: number[], owners: number[], phases: number[]): GramTable {
  const wanted = Math.ceil(Math.log2(Math.max(1, keys.length * BITS_PER_KEY)))
  const bitsLog = Math.min(MOST_BITS_LOG, Math.max(LEAST_BITS_LOG, wanted))
  const headsLog = Math.max(4, Math.ceil(Math.log2(Math.max(1, keys.length * 2))))
  const table: GramTable = {
    bits: new Uint8Array(2 ** (bitsLog - 3)),
    bitShift: 32 - bitsLog,
    heads: new Int32Array(2 ** headsLog).fill(-1),
    headShift: 32 - headsLog,
    next: new Int32Array(keys.length),
    keys: Int32Array.from(keys),
    owners: Int32Array.from(owners),
    phases: Int32Array.from(phases),
  }
  keys.forEach((key, index) => {
    const hash = Math.imul(key, SPREAD)
    const bit = hash >>> table.bitShift
    table.bits[bit >>> 3] = (table.bits[bit >>> 3] ?? 0) | (1 << (bit & 7))
    const head = hash >>> table.headShift
    table.next[index] = table.heads[head] ?? -1
    table.heads[head] = index
  })
  return table
}

function walk(table: GramTable, hash: number, key: number, position: number, into: CandidateList): void {
  let index = table.heads[hash >>> table.headShift] ?? -1
  while (index !== -1) {
    if (table.keys[index] === key) into.push(position - (table.phases[index] ?? 0), table.owners[index] ?? 0)
    index = table.next[index] ?? -1
  }
}

function gram2(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
}

function gram4(bytes: Uint8Array, at: number): number {
  return gram2(bytes, at) | (gram2(bytes, at + 2) << 16)
}

/** The fifth byte is spread over the word, or its bits would meet only one byte of it. */
function gram5(word: number, fifth: number): number {
  return word ^ Math.imul(fifth, 0x01000193)
}

/** Anchors of 8 bytes, seen with the bits of `fold` set. Undefined when there are none. */
function longFilter(anchors: readonly AnchorEntry[], fold: number): GramFilter | undefined {
  if (anchors.length === 0) return undefined
  const keys: number[] = []
  const owners: number[] = []
  const phases: number[] = []
  for (const { bytes, owner } of anchors) {
    for (let phase = 0; phase < LONG_STRIDE; phase += 1) {
      keys.push(gram5(gram4(bytes, phase) | fold, (bytes[phase + LONG_GRAM - 1] ?? 0) | (fold & 0xff)))
      owners.push(owner)
      phases.push(phase)
    }
  }
  const table = buildTable(keys, owners, phases)
  const { bits, bitShift } = table
  return {
    search(_bytes, words, from, to, length, into) {
      const last = Math.min(to, length - LONG_GRAM + 1)
      for (let at = from; at < last; at += LONG_STRIDE) {
        const index = at >>> 2
        const fifth = ((words[index + 1] as number) | fold) & 0xff
        const key = ((words[index] as number) | fold) ^ Math.imul(fifth, 0x01000193)
        const hash = Math.imul(key, SPREAD)
        const bit = hash >>> bitShift
        if (((bits[bit >>> 3] as number) & (1 << (bit & 7))) === 0) continue
        walk(table, hash, key, at, into)
        if (into.full && to - from > SMALLEST_BLOCK_BYTES) return
      }
    },
  }
}

/** Anchors of at least `size` bytes, by their first `size`, at every byte; likewise. */
function shortFilter(anchors: readonly AnchorEntry[], size: 2 | 4, fold: number): GramFilter | undefined {
  if (anchors.length === 0) return undefined
  const gram = size === 2 ? gram2 : gram4
  const caseBits = size === 2 ? fold & 0xffff : fold
  const keys = anchors.map(({ bytes }) => gram(bytes, 0) | caseBits)
  const table = buildTable(
    keys,
    anchors.map(({ owner }) => owner),
    keys.map(() => 0),
  )
  const { bits, bitShift } = table
  return {
    search(bytes, _words, from, to, length, into) {
      const last = Math.min(to, length - size + 1)
      for (let at = from; at < last; at += 1) {
        const key = gram(bytes, at) | caseBits
        const hash = Math.imul(key, SPREAD)
        const bit = hash >>> bitShift
        if (((bits[bit >>> 3] as number) & (1 << (bit & 7))) === 0) continue
        walk(table, hash, key, at, into)
        if (into.full && to - from > SMALLEST_BLOCK_BYTES) return
      }
    },
  }
}

/** The filters that together find every one of `anchors`; as few as their lengths and cases need. */
export function createGramFilters(anchors: readonly AnchorEntry[]): GramFilter[] {
  return [false, true]
    .flatMap((folded) => {
      const alike = anchors.filter((anchor) => anchor.folded === folded)
      const fold = folded ? CASE_BITS : 0
      const long = alike.filter(({ bytes }) => bytes.length >= 8)
      const middle = alike.filter(({ bytes }) => bytes.length >= 4 && bytes.length < 8)
      const short = alike.filter(({ bytes }) => bytes.length < 4)
      return [longFilter(long, fold), shortFilter(middle, 4, fold), shortFilter(short, 2, fold)]
    })
    .filter((filter) => filter !== undefined)
}
