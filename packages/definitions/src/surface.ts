/**
 * A file's surface: what of it signatures can touch, in one number. The engine tells it of a clean file, and reach.ts says what
 * a set touches; who keeps both can tell which files need not be read again when signatures are added. Pure data: it judges nothing.
 */

/** The bit of contents of a ClamAV target, 0 to HIGHEST_TARGET. Signatures for target 0 touch every content, whatever its own bit is. */
export const targetBit = (target: number): number => 1 << target

export const surfaceBits = {
  /** A container told something of entries in it. */
  entries: 1 << 13,
  /** A signature had a content scanned as another type, or its signer was trusted: nothing that is left out of a set later can be told from what is not there. */
  handled: 1 << 14,
  /** Hash signatures were tried on several contents; of them no hashes are told. */
  severalHashed: 1 << 15,
} as const

/** All bits there are. */
export const SURFACE_MASK = 0xffff

/** So much of a hash is kept: what it equals by chance is read again, no more. */
export const HASH_PREFIX_BYTES = 8
