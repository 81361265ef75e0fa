/**
 * The one failure of the spool.
 */

/**
 * - `full`: the disk is full, or as many events wait as may; nothing was stored.
 * - `damaged`: the file is not a database any more.
 * - `newer`: a newer agent wrote it.
 * - `failed`: anything else; the message names it.
 */
export type SpoolErrorCode = 'full' | 'damaged' | 'newer' | 'failed'

/** Thrown by everything here. When it was thrown, nothing of what was asked for is stored. */
export class SpoolError extends Error {
  override readonly name = 'SpoolError'
  readonly code: SpoolErrorCode

  constructor(code: SpoolErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
