/**
 * One table of hashes. Whether a size can match and whether a hash is likely in it is answered from memory; the hash
 * itself is looked for in what is stored, between the two places that the directory names.
 */
import { firstBits } from './hash-encoder.ts'
import { mayHold, mayOccur } from './hash-filter.ts'
import { DIRECTORY_BITS_MAX, FILTER_BLOCK_WORDS, SIZE_BITS_MAX } from './hash-layout.ts'
import { ANY_SIZE, type HashTableName, hashBytes, hashEntry, hashTables } from './layout.ts'
import { malformed, type SectionViews } from './section-views.ts'

export interface HashTable {
  readonly length: number
  /** Whether something of this size can match, so that hashing it is worth while. In bytes; yes may be wrong, no is not. */
  wants(size: number): boolean
  /**
   * The ids of the signatures with this hash and this size, or any size. Throws DefinitionsError `checksum` or `malformed` when what is
   * stored is not what was compiled, and what the file's reader throws.
   */
  find(hash: Uint8Array, size: number): number[]
  /** All hashes with their sizes, undefined for any, for small tables: each is read. Throws as `find` does. */
  listed(): Generator<readonly [hash: Buffer, size: number | undefined]>
}

/** Opens a table, and checks what lies in memory of it. Throws DefinitionsError `malformed`. */
export function hashTable(views: SectionViews, name: HashTableName): HashTable {
  const length = views.counts[name]
  const directory = views.words(`${name}Directory`)
  const filter = views.words(`${name}Filter`)
  const sizes = views.words(`${name}Sizes`)
  const hashLength = hashBytes[hashTables[name]]
  const entryBytes = hashLength + hashEntry.tailBytes
  if (length === 0) {
    if (directory.length + filter.length + sizes.length > 0) throw malformed(`${name} is empty and described`)
    return { length, wants: () => false, find: () => [], *listed() {} }
  }
  const bits = Math.log2(directory.length - 1)
  if (!Number.isInteger(bits) || bits > DIRECTORY_BITS_MAX || filter.length % FILTER_BLOCK_WORDS !== 0) {
    throw malformed(`${name} has a directory of ${directory.length} words`)
  }
  if (!isPowerOfTwo(sizes.length) || sizes.length * 32 > 2 ** SIZE_BITS_MAX) {
    throw malformed(`${name} has a size map of ${sizes.length} words`)
  }
  if (directory[0] !== 0 || directory.at(-1) !== length || !isAscending(directory)) {
    throw malformed(`the directory of ${name} is not in order`)
  }

  return {
    length,
    wants: (size) => mayOccur(sizes, size),
    find(hash, size) {
      if (!mayHold(filter, hash)) return []
      const ids: number[] = []
      const bucket = firstBits(hash, 0, bits)
      const end = directory[bucket + 1] as number
      for (let index = directory[bucket] as number; index < end; index += 1) {
        const entry = views.stored(name, index * entryBytes, entryBytes)
        const order = entry.compare(hash, 0, hashLength, 0, hashLength)
        if (order > 0) break
        if (order < 0) continue
        const listed = entry.readUInt32LE(hashLength + 4 * hashEntry.sizeWord)
        const owner = entry.readUInt32LE(hashLength + 4 * hashEntry.signatureWord)
        if (owner >= views.counts.signatures) throw malformed(`${name} ${index} belongs to no signature`)
        if (listed === size || listed === ANY_SIZE) ids.push(owner)
      }
      return ids
    },
    *listed() {
      for (let index = 0; index < length; index += 1) {
        const entry = views.stored(name, index * entryBytes, entryBytes)
        const size = entry.readUInt32LE(hashLength + 4 * hashEntry.sizeWord)
        yield [entry.subarray(0, hashLength), size === ANY_SIZE ? undefined : size]
      }
    },
  }
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && Number.isInteger(Math.log2(value))
}

function isAscending(words: Uint32Array): boolean {
  for (let index = 1; index < words.length; index += 1) {
    if ((words[index] as number) < (words[index - 1] as number)) return false
  }
  return true
}
