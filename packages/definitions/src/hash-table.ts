/** One algorithm's hashes, looked up by binary search in the checked file. */
import { ANY_SIZE, type HashAlgorithm, hashBytes, hashEntry } from './layout.ts'
import type { SectionViews } from './section-views.ts'

export interface HashTable {
  readonly length: number
  /** Whether a content of this size can match at all, so that hashing it is worth while. Sizes are in bytes. */
  wants(size: number): boolean
  /** The ids of the signatures with this hash and this size, or any size. */
  find(hash: Uint8Array, size: number): number[]
}

/** The table of `algorithm`. The sections must have been checked. */
export function hashTable(views: SectionViews, algorithm: HashAlgorithm): HashTable {
  const bytes = views.bytes(algorithm)
  const entries = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const words = views.words(algorithm)
  const sizes = views.words(`${algorithm}Sizes`)
  const length = views.counts[algorithm]
  const hashLength = hashBytes[algorithm]
  const entryBytes = hashLength + hashEntry.tailBytes
  const compareAt = (index: number, hash: Uint8Array) =>
    entries.compare(hash, 0, hashLength, index * entryBytes, index * entryBytes + hashLength)

  return {
    length,
    wants(size) {
      if (sizes[sizes.length - 1] === ANY_SIZE) return true
      const place = lowerBound(sizes.length, (index) => (sizes[index] ?? 0) < size)
      return sizes[place] === size
    },
    find(hash, size) {
      const ids: number[] = []
      let index = lowerBound(length, (at) => compareAt(at, hash) < 0)
      for (; index < length && compareAt(index, hash) === 0; index += 1) {
        const tail = (index * entryBytes + hashLength) / 4
        const listed = words[tail + hashEntry.sizeWord]
        if (listed === size || listed === ANY_SIZE) ids.push(words[tail + hashEntry.signatureWord] ?? 0)
      }
      return ids
    },
  }
}

/** The first index from 0 to `length` for which `before` no longer holds. */
function lowerBound(length: number, before: (index: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (before(middle)) low = middle + 1
    else high = middle
  }
  return low
}
