/**
 * The failure of a file verb, the same whether the verb ran in this process or in the guard. Whatever is wrong with a
 * scanned file itself is a verdict and never comes this way.
 */
import * as z from 'zod/mini'

/** Why a verb failed. Programs switch on this, never on the text. */
export const VerbErrorCode = z.enum([
  /** The scanner has no definitions yet: load them, then ask again. */
  'no-definitions',
  /** The definitions were refused; the set in use before, if any, stays. */
  'definitions-refused',
  /** The scanner process is not there and did not come back within the bound. */
  'scanner-gone',
  /** The guard process is not there and did not come back within the bound. */
  'guard-gone',
  /** No answer in time. */
  'time-out',
  /** More requests are outstanding than the bound. */
  'busy',
  /** The caller gave up. */
  'cancelled',
  /** The path, or a folder on the way to it, does not exist. */
  'missing',
  /** The system refused. */
  'permission',
  /** Not a regular file where one is needed, or not a folder where one is needed. */
  'wrong-kind',
  /** The file is no longer the one that was scanned; it was left where it is. */
  'changed',
  /** Something stands at the destination and overwriting was not asked for. */
  'exists',
  /** No such item in quarantine. */
  'quarantine-unknown',
  /** The container does not decrypt to what was put in; nothing was restored. */
  'quarantine-damaged',
  /** No space, or a quota is used up; nothing was moved. */
  'disk-full',
  /** The listing was dropped because too many were open or it rested too long: list the folder again. */
  'listing-expired',
  /** A message broke the contract between the processes. */
  'malformed',
  /** Anything else; the message names it. */
  'failed',
])
export type VerbErrorCode = z.infer<typeof VerbErrorCode>

/** Thrown by every verb. */
export class VerbError extends Error {
  override readonly name = 'VerbError'
  readonly code: VerbErrorCode

  constructor(code: VerbErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
