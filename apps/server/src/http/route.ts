/**
 * Routes as data: an endpoint of the contracts with what answers it. A slice gives a list of them; which application they are
 * mounted on, and every check before the handler, is the business of mount.ts.
 */
import type { Answer, Credential, Endpoint, Received } from '@coreward/contracts'
import type { Connection } from './connection.ts'

/** An operator who is signed in. */
export interface OperatorCaller {
  readonly username: string
  /** When the session ends if nothing more is asked, as of this request. */
  readonly expiresAt: string
  /** Names the session, never its secret. */
  readonly sessionHash: string
}

/** Bytes that are streamed to the caller. */
export interface FileAnswer {
  readonly size: number
  readonly content: ReadableStream<Uint8Array>
  readonly mediaType: string
}

/** What every handler is given besides the validated request. */
export interface Circumstances {
  readonly connection: Connection
  /** Aborted when the caller goes away or the server stops. */
  readonly signal: AbortSignal
  /** Headers to send with the answer. */
  readonly headers: Headers
}

export type Reception<E extends Endpoint> = Received<E> & Circumstances

/** What mount.ts needs to know of a route. Built by the functions below only, which know the exact types. */
export interface Route {
  readonly endpoint: Endpoint
  readonly handle: (
    reception: Circumstances & { params: never; query: never; body: never } & {
      agentId: string
      operator: OperatorCaller
    },
  ) => Promise<unknown>
}

type Handle<E extends Endpoint, Caller, Result = Answer<E>> = (
  reception: Reception<E> & Caller,
) => Promise<Result> | Result

/** A route for agents; the handler is told which, as its certificate says. */
export const agentRoute = <E extends Endpoint>(endpoint: E, handle: Handle<E, { agentId: string }>): Route =>
  declare(endpoint, 'agent', handle)

/** A route for agents that answers with a file. */
export const agentFileRoute = <E extends Endpoint>(
  endpoint: E,
  handle: Handle<E, { agentId: string }, FileAnswer>,
): Route => declare(endpoint, 'agent', handle)

/** A route for operators who are signed in. */
export const operatorRoute = <E extends Endpoint>(
  endpoint: E,
  handle: Handle<E, { operator: OperatorCaller }>,
): Route => declare(endpoint, 'operator', handle)

/** A route for operators that answers with server-sent events: the text of each, comments included. */
export const operatorEventsRoute = <E extends Endpoint>(
  endpoint: E,
  handle: Handle<E, { operator: OperatorCaller }, ReadableStream<Uint8Array>>,
): Route => declare(endpoint, 'operator', handle)

/** A route for anybody. */
export const openRoute = <E extends Endpoint>(endpoint: E, handle: Handle<E, unknown>): Route =>
  declare(endpoint, 'none', handle)

/** The route that takes an enrolment token, which it checks itself. */
export const enrollmentRoute = <E extends Endpoint>(endpoint: E, handle: Handle<E, unknown>): Route =>
  declare(endpoint, 'enrollment-token', handle)

function declare(endpoint: Endpoint, credential: Credential, handle: unknown): Route {
  if (endpoint.credential !== credential)
    throw new TypeError(
      `${endpoint.method} ${endpoint.path} takes ${endpoint.credential}, and is mounted for ${credential}`,
    )
  return { endpoint, handle: handle as Route['handle'] }
}
