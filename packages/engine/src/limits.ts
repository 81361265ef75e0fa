/**
 * What one file may cost. Every limit has a default and bounds, and reaching one is an outcome (`unscanned`), never an
 * error. The names are the same in a policy.
 */
import { EngineError } from './engine-error.ts'

const KiB = 1024
const MiB = 1024 * KiB
const GiB = 1024 * MiB

/** The limits of one scan. All numbers are whole. */
export interface Limits {
  /** Bytes of the file itself. Files are read in windows, so this bounds time and not memory. A longer file is not read. */
  readonly maxFileBytes: number
  /** Bytes of one decompressed content, whether they fit into memory (HELD_CONTENT_BYTES) or not. The bytes before the limit are matched. */
  readonly maxContentBytes: number
  /** Bytes of decompressed contents in total for one file. */
  readonly maxTotalContentBytes: number
  /** Entries over all containers of one file. */
  readonly maxEntries: number
  /** Containers within containers: 1 opens a zip, 2 also a zip in that zip, 0 opens nothing. */
  readonly maxDepth: number
  /** Decompressed bytes for each compressed byte, judged once a content has passed `RATIO_FLOOR_BYTES`. */
  readonly maxRatio: number
  /** Wall-clock time for one file, in milliseconds. */
  readonly timeLimitMilliseconds: number
}

/** Below this a high ratio costs nothing worth refusing: a few pages of zeros reach 1000 to 1 honestly. */
export const RATIO_FLOOR_BYTES = 8 * MiB

/**
 * Bytes of one decompressed content that are held in memory. A longer one is decoded again as it is read, where the limit for a content allows it, which
 * costs three times the work and no more memory. Some containers are held or not looked into further: mails, documents.
 */
export const HELD_CONTENT_BYTES = 128 * MiB

/** Lowest, default and highest value of each limit. */
export const limitBounds: { readonly [Name in keyof Limits]: readonly [number, number, number] } = {
  maxFileBytes: [1, 4 * GiB, 1024 * GiB],
  // What is held, so that no content costs more than once its work unless somebody asks for it; 1 TiB as for files.
  maxContentBytes: [1 * KiB, HELD_CONTENT_BYTES, 1024 * GiB],
  maxTotalContentBytes: [1 * KiB, 512 * MiB, 1024 * GiB],
  maxEntries: [1, 100_000, 10_000_000],
  // ClamAV's MaxRecursion is 17, counting the file itself: 16 is the same depth.
  maxDepth: [0, 16, 64],
  // Deflate cannot exceed 1032 to 1; logs and disk images of real servers stay under 300 above the floor.
  maxRatio: [1, 500, 100_000],
  // ClamAV's MaxScanTime.
  timeLimitMilliseconds: [1, 120_000, 24 * 3_600_000],
}

/** The defaults, in one frozen value. */
export const defaultLimits: Limits = Object.freeze({
  maxFileBytes: limitBounds.maxFileBytes[1],
  maxContentBytes: limitBounds.maxContentBytes[1],
  maxTotalContentBytes: limitBounds.maxTotalContentBytes[1],
  maxEntries: limitBounds.maxEntries[1],
  maxDepth: limitBounds.maxDepth[1],
  maxRatio: limitBounds.maxRatio[1],
  timeLimitMilliseconds: limitBounds.timeLimitMilliseconds[1],
})

/** What `resolveLimits` gave: complete, checked and frozen. */
const resolved = new WeakSet<Partial<Limits>>()

/**
 * Completes some limits with those of `base`. What it gave once it gives back as it is, so that who has many files checks them once.
 * Throws EngineError `limit-out-of-bounds` naming the limit when a value is not whole or lies outside its bounds.
 */
export function resolveLimits(some: Partial<Limits> = {}, base: Limits = defaultLimits): Limits {
  if (resolved.has(some)) return some as Limits
  const limits = { ...base, ...some }
  for (const name of Object.keys(limitBounds) as (keyof Limits)[]) {
    const [lowest, , highest] = limitBounds[name]
    const value = limits[name]
    if (!Number.isInteger(value) || value < lowest || value > highest) {
      throw new EngineError(
        'limit-out-of-bounds',
        `The limit ${name} is ${value}; give a whole number from ${lowest} to ${highest}.`,
      )
    }
  }
  resolved.add(limits)
  return Object.freeze(limits)
}
