/**
 * How a full-size set is composed, as data: the counts of the official set, and the mix that was counted over 2,634 public
 * logical signatures. Nothing here generates anything.
 */

/** Lines of each format at scale 1. */
export const lineCounts = {
  hdb: 4_000_000,
  hsb: 1_800_000,
  mdb: 2_500_000,
  msb: 80_000,
  ndb: 120_000,
  ldb: 50_000,
} as const

export type Format = keyof typeof lineCounts

export const formats = Object.keys(lineCounts) as readonly Format[]

/** Targets in percent. The counted ones are 2, 0 and 1; the rest is shared by those that official sets have too. */
export const targetShares: readonly (readonly [target: number, percent: number])[] = [
  [2, 53],
  [0, 34],
  [1, 6],
  [3, 2],
  [6, 2],
  [7, 1],
  [10, 0.7],
  [4, 0.5],
  [9, 0.5],
  [12, 0.3],
]

/** Those that have an entry point and sections: PE, ELF, Mach-O. */
export const executableTargets: readonly number[] = [1, 6, 9]

/** Shares of logical signatures in percent. The first five were counted; the others are rare in any set and must load all the same. */
export const logicalShares = {
  pcre: 43,
  anyCase: 71,
  more: 12,
  boundedGap: 10,
  anyGap: 10,
  place: 10,
  fileSize: 3,
  numberOfSections: 3,
  container: 1,
  byteCompare: 1,
  fuzzyImage: 0.1,
} as const

/** Numbers of hex sub-signatures, equally likely: 3.5 on average, so that 50,000 have the 174,760 patterns beside 120,000 of ndb. */
export const subsignatureCounts: readonly number[] = [1, 1, 2, 2, 3, 3, 4, 5, 6, 8]

/** Offsets of patterns for executables, and of all others, in percent; what is left may begin anywhere. */
export const executableOffsets = {
  start: 6,
  end: 3,
  entryPoint: 18,
  section: 5,
  lastSection: 2,
  wholeSection: 1,
}
export const otherOffsets = { start: 14, end: 4 }

/** Files that signatures by hash are for: log-uniform between these sizes, in bytes. */
export const hashedSizes = [500, 10_000_000] as const

/** One SHA-256 in so many is for any size. Official sets have some, and one is enough to have every file hashed. */
export const anySizeEvery = 10_000
