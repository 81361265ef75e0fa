/**
 * The engine's answer about one file. A verdict is a value, never an exception: what could not be looked at is
 * `unscanned` with its reason, and nothing is `clean` unless every byte that the engine can reach was matched.
 * This module holds the shapes alone; how they are reached stands in scan-file.ts.
 */
import type { Severity } from '@coreward/definitions'
import type { ScannedContents } from './content-list.ts'
import type { Surface } from './surface.ts'

/** Why a file, or a part inside it, was not (wholly) scanned. */
export const unscannedReasons = [
  /** The content is encrypted and no password is known. */
  'encrypted',
  /**
   * The file or the unpacked content is longer than its limit; what lies before the limit was matched. Or an image is not decoded because of its
   * size, and a signature asks for its fuzzy hash.
   */
  'too-large',
  /** Containers are nested deeper than the limit. */
  'too-deep',
  /** The file holds more entries, over all its containers, than the limit. */
  'too-many-entries',
  /** The content expands more than the limit allows. */
  'compression-ratio',
  /** The time limit passed. */
  'timed-out',
  /** The container breaks its own format, or a JPEG whose fuzzy hash a signature asks for; what could be read was matched. */
  'damaged',
  /** A container or a compression method that this engine does not open. */
  'unsupported',
  /** Size or modification time differed before and after: the bytes matched are not one state of the file. */
  'changed-during-scan',
  /** The system refused to read. */
  'unreadable',
  /** The file was gone before it was opened. */
  'vanished',
  /** The work one file may cost (matching, or unpacked bytes in total) was used up. */
  'budget-exceeded',
  /** The worker died, or failed in a way nobody foresaw. */
  'crashed',
  /** The caller gave up. */
  'cancelled',
] as const

export type UnscannedReason = (typeof unscannedReasons)[number]

/** One signature found. */
export interface Detection {
  readonly signature: string
  readonly severity: Severity
  readonly category: string
  /** What the signature looks for and why that is bad, for people, in English; absent when nobody wrote it down. */
  readonly description?: string
  /** Where inside the file, as labels joined by `/`; absent when the file's own bytes matched. */
  readonly innerPath?: string
}

/** One part that was not wholly scanned. */
export interface UnscannedPart {
  readonly reason: UnscannedReason
  /** Where inside the file; absent when the file itself is meant. */
  readonly innerPath?: string
  /** For people, in English: a number, a method, a system error. Programs switch on `reason`. */
  readonly detail?: string
}

/** `infected` wins over `unscanned`: a file in which something was found may have unscanned parts as well. */
export type Verdict =
  | { readonly outcome: 'clean' }
  | {
      readonly outcome: 'infected'
      /** At least one. */
      readonly detections: readonly Detection[]
      readonly unscanned: readonly UnscannedPart[]
    }
  | {
      readonly outcome: 'unscanned'
      /** At least one. */
      readonly unscanned: readonly UnscannedPart[]
    }

/** A verdict and what reaching it took. */
export interface ScanResult {
  readonly verdict: Verdict
  /** The file's size in bytes when the scan began; 0 when it could not be asked. */
  readonly bytes: number
  /** How far into the file the matcher came, in bytes; equal to `bytes` when all of it was matched. */
  readonly bytesRead: number
  /** The type by content, as named in file-type.ts; `unknown` when nothing could be read. */
  readonly fileType: string
  /** SHA-256 of the whole file in lower-case hex: when infected, or when the caller asked for it. */
  readonly sha256?: string
  /** All contents that were met, when the caller asked for them. */
  readonly contents?: ScannedContents
  /** What of a clean file signatures could touch; absent of any other. */
  readonly surface?: Surface
  /** Wall-clock time in the worker, in milliseconds. */
  readonly milliseconds: number
  /** The version of the definitions that gave this verdict. */
  readonly definitionsVersion: string
}
