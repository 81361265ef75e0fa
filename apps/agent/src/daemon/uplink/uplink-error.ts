/**
 * The one failure of talking to the server.
 */
import type { ProblemCode } from '@coreward/contracts'

/**
 * A code of the server's problem, or one of ours:
 * - `server.unreachable`: no connection, no answer in time, or an answer that broke off.
 * - `server.untrusted`: whoever answers does not show a certificate of the authority that is pinned.
 * - `server.answer`: an answer that is not in the contract.
 * - `not-enrolled`: this agent has no server, or was taken its certificate from.
 * - `enrollment.malformed`: the token or the address is not one.
 */
export type UplinkErrorCode =
  | ProblemCode
  | 'server.unreachable'
  | 'server.untrusted'
  | 'server.answer'
  | 'not-enrolled'
  | 'enrollment.malformed'

/** Thrown by everything here. The message holds no secret. */
export class UplinkError extends Error {
  override readonly name = 'UplinkError'
  readonly code: UplinkErrorCode

  constructor(code: UplinkErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/** Whether the server does not take this agent's certificate any more. */
export function isRefusal(error: unknown): error is UplinkError {
  return (
    error instanceof UplinkError &&
    (error.code === 'certificate.revoked' || error.code === 'certificate.unknown')
  )
}
