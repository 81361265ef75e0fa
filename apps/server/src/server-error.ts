/**
 * The one error of the server. Its code is either a problem that a caller of an endpoint is told (contracts' problem.ts), or
 * a reason for which the server does not start. The message names its subject and the remedy, and holds no secret.
 */
import type { ProblemCode } from '@coreward/contracts'

/**
 * - `port-in-use`, `address-unavailable`, `port-forbidden`: a listener cannot have its address.
 * - `console-exposed`: the console would be open to other hosts without a certificate.
 * - `not-initialized`: `initialize` has not been run for this data folder.
 * - `already-running`: another server holds this data folder.
 * - `database-newer`: a later version of the server has used the database.
 * - `database-unusable`, `keys-unusable`: what is stored cannot be read.
 * - `folder-unusable`, `file-unreadable`: what the server was given cannot be used by it.
 * - `updates-unusable`: the update repository cannot be written or read.
 * - `definitions-refused`: compiled definitions failed their own test.
 * - `option-wrong`: an option that cannot be meant.
 */
export type StartErrorCode =
  | 'port-in-use'
  | 'address-unavailable'
  | 'port-forbidden'
  | 'console-exposed'
  | 'not-initialized'
  | 'already-running'
  | 'database-newer'
  | 'database-unusable'
  | 'keys-unusable'
  | 'folder-unusable'
  | 'file-unreadable'
  | 'updates-unusable'
  | 'definitions-refused'
  | 'option-wrong'

export type ServerErrorCode = ProblemCode | StartErrorCode

/** One wrong member of a request: where, and how. */
export interface MemberError {
  readonly path: string
  readonly message: string
}

/** What every failure of the server is. */
export class ServerError extends Error {
  override readonly name = 'ServerError'
  readonly code: ServerErrorCode
  readonly members: readonly MemberError[] | undefined

  constructor(
    code: ServerErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly members?: readonly MemberError[] } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.members = options.members
  }
}
