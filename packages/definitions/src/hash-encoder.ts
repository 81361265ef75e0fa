/** Parsed hashes → a sorted table and the sorted sizes that occur in it, one pair for each algorithm. */
import { ANY_SIZE, type HashAlgorithm, hashBytes, hashEntry } from './layout.ts'

export interface PlacedHash {
  readonly hash: Uint8Array
  readonly size: number | undefined
  readonly signature: number
}

/** The sections of one algorithm. Any size counts as the size ANY_SIZE, in both. */
export function encodeHashes(
  algorithm: HashAlgorithm,
  hashes: readonly PlacedHash[],
): { table: Uint8Array; sizes: Uint8Array } {
  const length = hashBytes[algorithm]
  const entryBytes = length + hashEntry.tailBytes
  const sorted = hashes
    .map(({ hash, size = ANY_SIZE, signature }) => ({ hash, size, signature }))
    .sort((a, b) => Buffer.compare(a.hash, b.hash) || a.size - b.size || a.signature - b.signature)
  const table = new Uint8Array(sorted.length * entryBytes)
  const view = new DataView(table.buffer)
  sorted.forEach(({ hash, size, signature }, index) => {
    const at = index * entryBytes
    table.set(hash, at)
    view.setUint32(at + length + hashEntry.sizeWord * 4, size, true)
    view.setUint32(at + length + hashEntry.signatureWord * 4, signature, true)
  })
  const distinct = [...new Set(sorted.map(({ size }) => size))].sort((a, b) => a - b)
  const sizes = new Uint8Array(distinct.length * 4)
  const sizesView = new DataView(sizes.buffer)
  distinct.forEach((size, index) => {
    sizesView.setUint32(index * 4, size, true)
  })
  return { table, sizes }
}
