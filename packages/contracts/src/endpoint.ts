/**
 * An endpoint as data: the server mounts it, the agent and the console call it, OpenAPI is generated from it.
 * Nothing here knows HTTP beyond method, path and status.
 */
import type { z } from 'zod'
import type { ProblemCode } from './problem.ts'

/**
 * What a caller must show: an agent's client certificate, a one-time enrolment token (in the body), an operator's
 * session, or nothing.
 */
export type Credential = 'agent' | 'enrollment-token' | 'operator' | 'none'

/** One endpoint. `Params`, `Query` and `Body` are undefined where the endpoint takes none. */
export interface Endpoint<
  Params extends z.ZodType | undefined = z.ZodType | undefined,
  Query extends z.ZodType | undefined = z.ZodType | undefined,
  Body extends z.ZodType | undefined = z.ZodType | undefined,
  Response extends z.ZodType | undefined = z.ZodType | undefined,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With parameters as `:name`; `*` at the end takes the rest of the path. */
  readonly path: `/${string}`
  /** The noun it belongs to: the slice of the server and the folder of the console. */
  readonly tag: string
  readonly summary: string
  readonly credential: Credential
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  /** Undefined means no content (204). */
  readonly response?: Response
  /** `events` is a server-sent event stream of `response`; `file` is bytes. Absent: JSON. */
  readonly form?: 'events' | 'file'
  /** Largest body in bytes; the server refuses more before it parses. Default 64 KiB. */
  readonly maxBodyBytes?: number
  readonly problems: readonly ProblemCode[]
}

/** Declares an endpoint and keeps its exact types. */
export function endpoint<
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Response extends z.ZodType | undefined = undefined,
>(definition: Endpoint<Params, Query, Body, Response>): Endpoint<Params, Query, Body, Response> {
  return definition
}

/** A part's schema, without the `undefined` that reading an optional member adds; `never` where there is none. */
type Part<E extends Endpoint, Name extends 'params' | 'query' | 'body' | 'response'> = Extract<
  E[Name],
  z.ZodType
>
type Output<T> = [T] extends [never] ? undefined : z.output<T>
type Optional<Name extends string, T> = [T] extends [never] ? unknown : { [K in Name]?: z.input<T> }
type Required<Name extends string, T> = [T] extends [never] ? unknown : { [K in Name]: z.input<T> }

/** What a handler receives of a request: validated, with defaults filled in. */
export interface Received<E extends Endpoint> {
  readonly params: Output<Part<E, 'params'>>
  readonly query: Output<Part<E, 'query'>>
  readonly body: Output<Part<E, 'body'>>
}

/** What a caller gives: the parts the endpoint takes, and no others. */
export type Call<E extends Endpoint> = Required<'params', Part<E, 'params'>> &
  Optional<'query', Part<E, 'query'>> &
  Required<'body', Part<E, 'body'>>

/** What the endpoint answers with. */
export type Answer<E extends Endpoint> = Output<Part<E, 'response'>>

/**
 * The address of a call: parameters put into the path (percent-encoded), the query behind it.
 * Throws TypeError when a parameter is missing, which is a fault of the caller's code.
 */
export function addressOf(
  endpoint: Pick<Endpoint, 'path'>,
  params: Readonly<Record<string, string>> = {},
  query: Readonly<Record<string, unknown>> = {},
): string {
  const path = endpoint.path.replace(/:(\w+)|\*$/g, (_, name: string | undefined) => {
    const value = params[name ?? 'path']
    if (value === undefined) throw new TypeError(`${endpoint.path}: parameter ${name ?? 'path'} is missing`)
    return name === undefined ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value)
  })
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value))
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}
