/**
 * What the pool and its worker threads say to each other. Both ends are the same release, so this is a type and not a
 * format; the definitions are shared memory and are never copied.
 */
import type { AlertName } from './alerts/alerts.ts'
import type { Libraries } from './libraries.ts'
import type { Limits } from './limits.ts'
import type { SharedDefinitions } from './shared-definitions.ts'
import type { ScanResult } from './verdict.ts'

/** What to scan: an open descriptor of a regular file, which is read by position and never closed, or bytes. */
export type ScanInput = { readonly fd: number } | { readonly bytes: Uint8Array }

/** What is wanted of a scan besides the verdict. */
export interface ScanWishes {
  /** Whether the SHA-256 is wanted even of a clean file. */
  readonly sha256?: boolean
  /** What is to be told as a detection though no signature makes it. */
  readonly alerts?: readonly AlertName[]
  /** Whether all contents are to be listed. */
  readonly contents?: boolean
  /** Whether texts, pages and scripts are matched in their normalised forms; true when absent. */
  readonly normalise?: boolean
  /** Passwords to try on encrypted archives, the likeliest first; a few common ones when absent. */
  readonly passwords?: readonly string[]
}

/** One file's order. */
export interface ScanRequest {
  readonly input: ScanInput
  readonly limits: Limits
  /** Which signatures are looked for; the additions alone are all where there are none. */
  readonly against: 'all' | 'additions'
  readonly wishes: ScanWishes
}

/** A worker's start-up data. */
export interface WorkerSetup {
  /** Undefined while they are being changed. */
  readonly definitions: SharedDefinitions | undefined
  /** The thread's own place in the memory of each set: of no other thread that lives. */
  readonly slot: number
  /** The memory of its BatchBoard. */
  readonly board: Int32Array<SharedArrayBuffer>
  readonly libraries: Libraries
}

export type ToWorker =
  /** A batch, in order. A request's place in it is its place on the board. */
  | { readonly kind: 'scan'; readonly requests: readonly ScanRequest[] }
  /** Undefined: let those in use go, and scan nothing until there are others. */
  | { readonly kind: 'definitions'; readonly definitions: SharedDefinitions | undefined }

export type FromWorker =
  /** The definitions sent last are in use for every batch that follows. */
  | { readonly kind: 'ready' }
  /** Results with their places. `last`: each file of the batch has its result or was taken back. */
  | {
      readonly kind: 'results'
      readonly results: readonly (readonly [place: number, result: ScanResult])[]
      readonly last: boolean
    }
