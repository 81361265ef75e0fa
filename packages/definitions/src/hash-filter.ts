/**
 * What is kept in memory of a hash table, so that nearly all contents are answered without reading it: a blocked Bloom
 * filter over the hashes (Putze, Sanders, Singler, "Cache-, hash- and space-efficient Bloom filters", 2007), and a bit
 * map of the sizes that occur. Both may say yes wrongly, never no. Hashes are even already, so their own bits are used.
 */
import {
  FILTER_BITS,
  FILTER_BLOCK_ENTRIES,
  FILTER_BLOCK_WORDS,
  SIZE_BITS_MAX,
  SIZE_SPREAD,
} from './hash-layout.ts'

/** One size in 16 that is not listed is wanted all the same, as long as the map is not at its largest. */
const BITS_PER_SIZE = 16
const SIZE_BITS_MIN = 5

/** An empty filter for so many hashes. */
export function createFilter(entries: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(Math.ceil(entries / FILTER_BLOCK_ENTRIES) * FILTER_BLOCK_WORDS)
}

/** Enters a hash, at least 16 bytes of `hashes` from `at`. */
export function addToFilter(filter: Uint32Array, hashes: Uint8Array, at: number): void {
  const block = blockOf(filter, hashes, at)
  const step = word(hashes, at + 12) | 1
  for (let bit = word(hashes, at + 8), count = 0; count < FILTER_BITS; count += 1, bit = (bit + step) | 0) {
    const place = block + (bit >>> 28)
    filter[place] = (filter[place] as number) | (1 << ((bit >>> 23) & 31))
  }
}

/** Whether a hash may have been entered. */
export function mayHold(filter: Uint32Array, hash: Uint8Array): boolean {
  if (filter.length === 0) return false
  const block = blockOf(filter, hash, 0)
  const step = word(hash, 12) | 1
  for (let bit = word(hash, 8), count = 0; count < FILTER_BITS; count += 1, bit = (bit + step) | 0) {
    if (((filter[block + (bit >>> 28)] as number) & (1 << ((bit >>> 23) & 31))) === 0) return false
  }
  return true
}

/** A map of sizes; every size is in it when `any`, and none when there are none. */
export function createSizeMap(sizes: ReadonlySet<number>, any: boolean): Uint32Array<ArrayBuffer> {
  if (any) return new Uint32Array(1).fill(0xffffffff)
  if (sizes.size === 0) return new Uint32Array(0)
  const wanted = Math.ceil(Math.log2(sizes.size * BITS_PER_SIZE))
  const map = new Uint32Array(2 ** (Math.min(SIZE_BITS_MAX, Math.max(SIZE_BITS_MIN, wanted)) - 5))
  for (const size of sizes) {
    const bit = sizeBit(map, size)
    map[bit >>> 5] = (map[bit >>> 5] as number) | (1 << (bit & 31))
  }
  return map
}

/** Whether a size may be in the map. */
export function mayOccur(map: Uint32Array, size: number): boolean {
  if (map.length === 0) return false
  const bit = sizeBit(map, size)
  return ((map[bit >>> 5] as number) & (1 << (bit & 31))) !== 0
}

/** The first word of the block that a hash belongs to. */
function blockOf(filter: Uint32Array, hashes: Uint8Array, at: number): number {
  const blocks = filter.length / FILTER_BLOCK_WORDS
  return Math.floor(((word(hashes, at + 4) >>> 0) * blocks) / 2 ** 32) * FILTER_BLOCK_WORDS
}

/** The upper bits of the spread size: a map of 2ⁿ bits takes n of them. */
function sizeBit(map: Uint32Array, size: number): number {
  return Math.imul(size, SIZE_SPREAD) >>> (Math.clz32(map.length) - 4)
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  )
}
