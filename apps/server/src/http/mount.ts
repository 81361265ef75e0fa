/**
 * Mounts routes on an application. A request's way: same site → credential → size → JSON → schemas → handler → schema of the
 * answer. A handler never sees a request that failed one of them.
 */
import { type Endpoint, sessionCookie } from '@coreward/contracts'
import type { Context, Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import type { Connection, HttpEnvironment } from './connection.ts'
import { receive } from './request-body.ts'
import type { FileAnswer, OperatorCaller, Route } from './route.ts'
import { refuseCrossSite } from './same-site.ts'

/** Who checks credentials: each throws what the caller is to be told. */
export interface Doors {
  /** The agent whose certificate the connection shows. */
  readonly agent: (connection: Connection) => Promise<string>
  /** The operator whose session this is. */
  readonly operator: (session: string | undefined) => Promise<OperatorCaller>
}

/** Mounts the routes whose address begins with `prefix`. `stopping` ends what waits. */
export function mountRoutes(
  app: Hono<HttpEnvironment>,
  options: {
    readonly routes: readonly Route[]
    readonly prefix: '/agent/' | '/api/'
    readonly doors: Doors
    readonly stopping: AbortSignal
  },
): void {
  for (const { endpoint, handle } of options.routes) {
    if (!endpoint.path.startsWith(options.prefix)) continue
    app.on(endpoint.method, endpoint.path, async (context) => {
      if (endpoint.method !== 'GET' && options.prefix === '/api/') refuseCrossSite(context.req.raw)
      const caller = await admit(endpoint, context, options.doors)
      const received = await receive(endpoint, context.req.raw, paramsOf(endpoint, context))
      const headers = new Headers()
      const result = await handle({
        ...(received as { params: never; query: never; body: never }),
        ...(caller as { agentId: string; operator: OperatorCaller }),
        connection: context.env.connection,
        signal: AbortSignal.any([context.req.raw.signal, options.stopping]),
        headers,
      })
      return answer(endpoint, context, result, headers)
    })
  }
}

async function admit(endpoint: Endpoint, context: Context<HttpEnvironment>, doors: Doors) {
  switch (endpoint.credential) {
    case 'agent':
      return { agentId: await doors.agent(context.env.connection) }
    case 'operator':
      return { operator: await doors.operator(getCookie(context, sessionCookie)) }
    case 'enrollment-token':
    case 'none':
      return {}
  }
}

function paramsOf(endpoint: Endpoint, context: Context<HttpEnvironment>): Record<string, string> {
  const params = context.req.param() as Record<string, string>
  if (!endpoint.path.endsWith('*')) return params
  const rest = new URL(context.req.url).pathname.slice(endpoint.path.length - 1)
  try {
    return { ...params, path: decodeURIComponent(rest) }
  } catch {
    // Not percent-encoded UTF-8: no file has such a name, so the handler will not find it.
    return { ...params, path: rest }
  }
}

async function answer(
  endpoint: Endpoint,
  context: Context<HttpEnvironment>,
  result: unknown,
  headers: Headers,
): Promise<Response> {
  headers.set('cache-control', 'no-store')
  if (endpoint.form === 'file') {
    const file = result as FileAnswer
    headers.set('content-type', file.mediaType)
    headers.set('content-length', String(file.size))
    return context.newResponse(await bodyFor(context, file.content), 200, Object.fromEntries(headers))
  }
  if (endpoint.form === 'events') {
    headers.set('content-type', 'text/event-stream')
    const stream = await bodyFor(context, result as ReadableStream<Uint8Array>)
    return context.newResponse(stream, 200, Object.fromEntries(headers))
  }
  if (endpoint.response === undefined) return context.newResponse(null, 204, Object.fromEntries(headers))
  return context.json(endpoint.response.parse(result) as object, 200, Object.fromEntries(headers))
}

/** HEAD arrives here as GET and has no body: what is not sent has to be let go, or its file or place stays open. */
async function bodyFor(context: Context<HttpEnvironment>, stream: ReadableStream<Uint8Array>) {
  if (context.req.raw.method !== 'HEAD') return stream
  await stream.cancel()
  return null
}
