/** How the directories, filters and maps of sizes of hash tables are built: what layout.ts is for the file, this is for them. */

/**
 * A hash table's directory: for each value of the hash's first bits the number of entries before it, and at the end of all.
 * Its length, 2ⁿ + 1, says how many bits. Chosen for about this many entries each, at most.
 */
export const DIRECTORY_ENTRIES = 32
export const DIRECTORY_BITS_MAX = 20

/** A hash table's filter: blocks of 512 bits, `FILTER_BITS` set for each entry, `FILTER_BLOCK_ENTRIES` entries a block. */
export const FILTER_BLOCK_WORDS = 16
export const FILTER_BLOCK_ENTRIES = 64
export const FILTER_BITS = 6

/** A hash table's sizes: a bit for each value of their upper hash bits; every bit where any size will do. */
export const SIZE_BITS_MAX = 22
/** Knuth's multiplicative hash: the golden ratio of 2³². */
export const SIZE_SPREAD = 0x9e3779b1
