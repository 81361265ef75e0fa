/**
 * Hashes on their way into a table: gathered by the million in flat memory, then sorted, and a directory, a filter and a
 * map of sizes made for them.
 */
import { addToFilter, createFilter, createSizeMap } from './hash-filter.ts'
import { DIRECTORY_BITS_MAX, DIRECTORY_ENTRIES } from './hash-layout.ts'
import { ANY_SIZE, type HashAlgorithm, hashBytes, hashEntry } from './layout.ts'

/** Most files that hashes are made of are smaller. */
const USUAL_BYTES = 2 ** 20

/** The sections of one table. */
export interface EncodedHashes {
  readonly table: Uint8Array
  readonly directory: Uint8Array
  readonly filter: Uint8Array
  readonly sizes: Uint8Array
}

export interface HashCollector {
  /** Adds a hash of the table's algorithm, in hexadecimal; without a size, for any. */
  add(hex: string, size: number | undefined, signature: number): void
  /** Ends the collector's life: what was gathered is let go, for it is as large as what comes of it. */
  encode(): EncodedHashes
}

export function createHashCollector(algorithm: HashAlgorithm): HashCollector {
  const length = hashBytes[algorithm]
  const entryBytes = length + hashEntry.tailBytes
  let entries = Buffer.alloc(entryBytes * 64)
  let count = 0
  const sizes = new Set<number>()
  /** Sizes of most files, which need not be asked of the set a million times. */
  const isKnown = new Uint8Array(USUAL_BYTES)
  let any = false
  return {
    add(hex, size, signature) {
      const at = count * entryBytes
      if (at === entries.length) {
        // Half as much again: doubling would cost a gigabyte for the largest tables.
        const larger = Buffer.alloc(Math.ceil((count * 3) / 2) * entryBytes)
        larger.set(entries)
        entries = larger
      }
      entries.write(hex, at, 'hex')
      entries.writeUInt32LE(size ?? ANY_SIZE, at + length + 4 * hashEntry.sizeWord)
      entries.writeUInt32LE(signature, at + length + 4 * hashEntry.signatureWord)
      if (size === undefined) any = true
      else if (size >= USUAL_BYTES || isKnown[size] === 0) {
        sizes.add(size)
        isKnown[size] = 1
      }
      count += 1
    },
    encode() {
      const gathered = entries
      entries = Buffer.alloc(0)
      const { order, directory } = sortedOrder(gathered, count, length)
      const filter = createFilter(count)
      const table = Buffer.alloc(count * entryBytes)
      order.forEach((from, index) => {
        gathered.copy(table, index * entryBytes, from * entryBytes, (from + 1) * entryBytes)
        addToFilter(filter, table, index * entryBytes)
      })
      return {
        table,
        directory: littleEndian(directory),
        filter: littleEndian(filter),
        sizes: littleEndian(createSizeMap(sizes, any)),
      }
    },
  }
}

/** Entries by hash, size and signature; and how many stand before each value of their first bits. */
function sortedOrder(
  entries: Buffer,
  count: number,
  length: number,
): { order: Uint32Array; directory: Uint32Array } {
  if (count === 0) return { order: new Uint32Array(0), directory: new Uint32Array(0) }
  const entryBytes = length + hashEntry.tailBytes
  const bits = Math.min(DIRECTORY_BITS_MAX, Math.max(0, Math.ceil(Math.log2(count / DIRECTORY_ENTRIES))))
  const bucketOf = (index: number) => firstBits(entries, index * entryBytes, bits)
  const directory = new Uint32Array(2 ** bits + 1)
  for (let index = 0; index < count; index += 1) {
    const next = bucketOf(index) + 1
    directory[next] = (directory[next] as number) + 1
  }
  for (let bucket = 1; bucket < directory.length; bucket += 1) {
    directory[bucket] = (directory[bucket] as number) + (directory[bucket - 1] as number)
  }
  const order = new Uint32Array(count)
  const next = directory.slice()
  for (let index = 0; index < count; index += 1) {
    const bucket = bucketOf(index)
    order[next[bucket] as number] = index
    next[bucket] = (next[bucket] as number) + 1
  }
  // Nearly all entries of a bucket differ in the word that begins in the last byte that they share.
  const lead = new Uint32Array(count)
  for (let index = 0; index < count; index += 1) {
    lead[index] = entries.readUInt32BE(index * entryBytes + (bits >> 3))
  }
  const compare = (a: number, b: number) =>
    (lead[a] as number) - (lead[b] as number) || compareEntries(entries, length, a, b)
  for (let bucket = 0; bucket + 1 < directory.length; bucket += 1) {
    order.subarray(directory[bucket], directory[bucket + 1]).sort(compare)
  }
  return { order, directory }
}

/** By hash, size and place. */
function compareEntries(entries: Buffer, length: number, a: number, b: number): number {
  const [from, other] = [a, b].map((index) => index * (length + hashEntry.tailBytes)) as [number, number]
  return (
    entries.compare(entries, other, other + length, from, from + length) ||
    entries.readUInt32LE(from + length) - entries.readUInt32LE(other + length) ||
    a - b
  )
}

/** The value of a hash's first `bits` bits, the most significant first. */
export function firstBits(bytes: Uint8Array, at: number, bits: number): number {
  if (bits === 0) return 0
  const word =
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  return word >>> (32 - bits)
}

function littleEndian(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(words.length * 4)
  const view = new DataView(bytes.buffer)
  words.forEach((word, index) => {
    view.setUint32(index * 4, word, true)
  })
  return bytes
}
