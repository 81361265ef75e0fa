/**
 * The engine's one failure. A failure is a caller's mistake, definitions that cannot be used, or a scanner that is
 * gone; whatever is wrong with a scanned file is a verdict instead (verdict.ts).
 */

export type EngineErrorCode =
  /** The definitions were refused or failed their self-test; the set in use stays. */
  | 'definitions-refused'
  /** A limit lies outside its bounds (limits.ts). */
  | 'limit-out-of-bounds'
  /** The scanner has been disposed of. */
  | 'scanner-closed'
  /** Worker threads did not start. */
  | 'workers-not-started'
  /** No worker thread is left, and none is to be replaced: nothing was scanned. */
  | 'workers-lost'
  /** Inside one scan only: the deadline passed. Becomes the verdict's `timed-out`. */
  | 'timed-out'
  /** Inside one scan only: the caller gave up. Becomes the verdict's `cancelled`. */
  | 'cancelled'
  /** Inside one scan only: not a regular file with a size. Becomes the verdict's `unreadable`. */
  | 'unreadable'

/** Thrown by the engine's public functions; programs switch on `code`, never on the text. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: EngineErrorCode

  constructor(code: EngineErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
