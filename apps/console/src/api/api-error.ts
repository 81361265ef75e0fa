/**
 * The one error of the console: a call that did not give what its endpoint promises. The pages switch on `code` and
 * take the words from the catalogues; `message` and `detail` are the server's English and are shown only as an addition.
 */
import type { ProblemCode } from '@coreward/contracts'

/** A problem code of the server, or what only a client can know: no answer at all, or one nobody can read. */
export type ApiErrorCode = ProblemCode | 'connection.failed' | 'answer.malformed'

/** A failed call. `detail` names the subject and the remedy where the server gave them. */
export class ApiError extends Error {
  readonly code: ApiErrorCode
  readonly detail: string | undefined
  readonly fields: readonly { path: string; message: string }[]

  constructor(
    code: ApiErrorCode,
    message: string,
    more: {
      detail?: string | undefined
      fields?: readonly { path: string; message: string }[] | undefined
      cause?: unknown
    } = {},
  ) {
    super(message, { cause: more.cause })
    this.name = 'ApiError'
    this.code = code
    this.detail = more.detail
    this.fields = more.fields ?? []
  }
}

/** The code of whatever was thrown; a fault of our own counts as an unreadable answer's equal: the server is not to blame. */
export function codeOf(error: unknown): ApiErrorCode {
  return error instanceof ApiError ? error.code : 'answer.malformed'
}
