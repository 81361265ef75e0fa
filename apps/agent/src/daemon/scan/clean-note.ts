/**
 * What is noted of a clean file besides its state, in a few words: the basis of its verdict, and its surface, so that it may need not be
 * read again when signatures are added.
 *
 * Word 0: the surface's bits (0–15), which hashes are known (16–18, in the order of `hashAlgorithms`), the number of the basis (24–27). Then
 * the first two words of each hash, zero where it is not known.
 */
import {
  type HashAlgorithm,
  type HashPrefix,
  hashAlgorithms,
  SURFACE_MASK,
  surfaceBits,
} from '@coreward/definitions'
import type { Surface } from '@coreward/engine'

export const NOTE_WORDS = 1 + 2 * 3

/** Bases that entries of one table may have. */
export const BASES_MAX = 16

const HASHES_SHIFT = 16
const BASIS_SHIFT = 24

/** A note of a file with this surface. Without one, whatever is added may touch it. */
export function noteOf(surface: Surface | undefined, basis: number): Uint32Array {
  const words = new Uint32Array(NOTE_WORDS)
  // A file of which nothing is known must be read against all signatures.
  const bits = surface === undefined ? surfaceBits.handled : surface.bits & SURFACE_MASK
  let known = 0
  for (const [index, algorithm] of hashAlgorithms.entries()) {
    const hex = surface?.[algorithm]
    if (hex === undefined) continue
    known |= 1 << index
    const bytes = Buffer.from(hex, 'hex')
    words[1 + 2 * index] = bytes.readUInt32LE(0)
    words[2 + 2 * index] = bytes.readUInt32LE(4)
  }
  words[0] = bits | (known << HASHES_SHIFT) | (basis << BASIS_SHIFT)
  return words
}

export function basisIn(word: number): number {
  return (word >>> BASIS_SHIFT) & (BASES_MAX - 1)
}

/** The first word of a note, with another basis. */
export function onBasis(word: number, basis: number): number {
  return ((word & ~((BASES_MAX - 1) << BASIS_SHIFT)) | (basis << BASIS_SHIFT)) >>> 0
}

export function bitsIn(word: number): number {
  return word & SURFACE_MASK
}

/** The first bytes of a hash in the note that begins at `at`; undefined when it is not known. */
export function hashIn(words: Uint32Array, at: number, algorithm: HashAlgorithm): HashPrefix | undefined {
  const index = hashAlgorithms.indexOf(algorithm)
  if ((((words[at] as number) >>> HASHES_SHIFT) & (1 << index)) === 0) return undefined
  return [words[at + 1 + 2 * index] as number, words[at + 2 + 2 * index] as number]
}
