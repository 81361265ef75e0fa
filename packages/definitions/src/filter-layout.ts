/**
 * The numbers that the filters of a definitions file are built with, and searched with. The matcher's kernel, which is
 * compiled to WebAssembly from another dialect of TypeScript, imports this very file: nothing but plain constants may stand
 * here. packages/engine/DESIGN.md says what each is for.
 */

/** Raised with every change here or in the kernel's interface, so that a kernel that was built before is not taken for this one's. */
export const KERNEL_VERSION = 4

/** The bit that tells the cases of ASCII letters apart: set in every byte before it is hashed, so one filter serves both. */
export const CASE_BIT = 0x20

/** Anchors that are searched for by a sample: grams of 5 bytes at every 4th byte of the content. 8 = 4 + 5 − 1. */
export const LONG_ANCHOR_BYTES = 8
export const LONG_STRIDE = 4

/** Anchors of 4 to 7 bytes, known by their first 4: grams of 3 at every 2nd byte. 4 = 2 + 3 − 1. Shorter ones are looked for at every byte. */
export const MIDDLE_ANCHOR_BYTES = 4
export const MIDDLE_STRIDE = 2

/** Multipliers of 40 bits for grams of 5 bytes: of the golden ratio's and of pi's digits; each bitmap has one. */
export const PROBE_SPREAD = 0x9e3779b97f
export const CONFIRM_SPREAD = 0x6a8885a309

/** Multiplier for grams of 2 and 3 bytes: the golden ratio's digits. */
export const SHORT_SPREAD = 0x9e3779b1

/** Multipliers that mix a whole anchor: odd, with about as many bits set as not (xxHash's primes). */
export const ANCHOR_MIX_1 = 0x85ebca77
export const ANCHOR_MIX_2 = 0xc2b2ae3d
export const ANCHOR_MIX_3 = 0x27d4eb2f

/** An anchor's word for its place: the part's index, its target, and the distance of the witness, from the lowest bit on. */
export const ANCHOR_PART_BITS = 21
export const ANCHOR_TARGET_BITS = 4

/** Sizes of bitmaps as powers of two, in bytes: 128 of them, and 2 MiB, which is what a core's second cache holds. */
export const BITMAP_LOG_MIN = 7
export const BITMAP_LOG_MAX = 21

/** A bit is one of the 32 that begin at some byte; so many more bytes stand behind a bitmap for the last one. */
export const BITMAP_BIT_LOG = 5
export const BITMAP_PADDING = 8
