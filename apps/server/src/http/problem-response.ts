/**
 * The one place where an error becomes an answer: RFC 9457 problems. What we did not foresee is `server.failed` with a request
 * id to look for in the log, and no word of what it was.
 */
import { type Problem, ProblemCode, problem, problemMediaType } from '@coreward/contracts'
import type { Context } from 'hono'
import type { Logger } from 'pino'
import { ServerError } from '../server-error.ts'
import type { HttpEnvironment } from './connection.ts'

/** SQLITE_FULL, https://www.sqlite.org/rescode.html#full */
const sqliteFull = 13

/** Answers with the problem that an error is. */
export function problemResponse(error: unknown, context: Context<HttpEnvironment>, logger: Logger): Response {
  const requestId = context.get('requestId')
  const found = problemOf(error)
  if (found.code === 'server.failed') logger.error({ err: error, requestId }, 'a request failed')
  else if (found.status >= 500) logger.error({ requestId, code: found.code }, found.detail)
  else logger.debug({ requestId, code: found.code }, found.detail)
  return context.body(JSON.stringify({ ...found, instance: `urn:uuid:${requestId}` }), found.status as 400, {
    'content-type': problemMediaType,
    'cache-control': 'no-store',
    // The rest of a body that was refused is not read; the connection cannot be used again.
    ...(found.code === 'request.too-large' ? { connection: 'close' } : {}),
  })
}

/** The problem that an error is to the caller. */
function problemOf(error: unknown): Problem {
  if (error instanceof ServerError) {
    const code = ProblemCode.safeParse(error.code)
    if (code.success)
      return problem(
        code.data,
        error.message,
        error.members?.map((member) => ({ ...member })),
      )
  }
  if (isDiskFull(error))
    return problem(
      'storage.full',
      'Free some space where the server keeps its data; nothing was stored of this request.',
    )
  return problem('server.failed', 'The server’s log says why, by the id in `instance`.')
}

function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, errcode } = error as Error & { code?: unknown; errcode?: unknown }
  return code === 'ENOSPC' || code === 'EDQUOT' || errcode === sqliteFull
}
