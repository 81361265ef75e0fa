/** The one error of this package. Its codes are an interface: callers switch on them, never on the text. */

/**
 * - `tampered`: bytes that are not what was signed (changed, cut short, mixed up, not metadata at all).
 * - `rolled-back`: genuine, but older than what this client has already seen.
 * - `expired`: signed, but its time is over.
 * - `unknown-signer`: not signed by the keys that the trusted root names.
 * - `too-large`: more bytes than the signed metadata, or our own limit, allows.
 * - `not-found`: the repository has no such file, or no such target.
 * - `network`: the file could not be fetched.
 * - `storage`: a disk refused: full, read-only, or no permission.
 * - `exists`: there is already a repository, or another target of that name.
 * - `malformed`: an argument or a stored file that cannot be used.
 */
export type UpdateErrorCode =
  | 'tampered'
  | 'rolled-back'
  | 'expired'
  | 'unknown-signer'
  | 'too-large'
  | 'not-found'
  | 'network'
  | 'storage'
  | 'exists'
  | 'malformed'

/** What every failure of this package is. `message` names the file and the remedy. */
export class UpdateError extends Error {
  override readonly name = 'UpdateError'
  readonly code: UpdateErrorCode

  constructor(code: UpdateErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
