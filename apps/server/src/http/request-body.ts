/**
 * Reads what an endpoint takes of a request: its size is bounded before a byte is parsed, its form is JSON and nothing else,
 * and every part passes the endpoint's schema.
 */
import type { Endpoint } from '@coreward/contracts'
import type { z } from 'zod'
import { type MemberError, ServerError } from '../server-error.ts'

const defaultMaxBodyBytes = 64 * 1024

/** The parts of a request as the endpoint's schemas leave them. Throws `request.malformed` or `request.too-large`. */
export async function receive(
  endpoint: Endpoint,
  request: Request,
  params: Readonly<Record<string, string>>,
): Promise<{ params: unknown; query: unknown; body: unknown }> {
  return {
    params: check(endpoint.params, params, 'params'),
    query: check(endpoint.query, Object.fromEntries(new URL(request.url).searchParams), 'query'),
    body:
      endpoint.body === undefined
        ? undefined
        : check(endpoint.body, await readJson(endpoint, request), 'body'),
  }
}

function check(schema: z.ZodType | undefined, value: unknown, part: string): unknown {
  if (schema === undefined) return undefined
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const members: MemberError[] = result.error.issues
    .slice(0, 20)
    .map(({ path, message }) => ({ path: [part, ...path.map(String)].join('.'), message }))
  throw new ServerError('request.malformed', `Wrong: ${members.map(({ path }) => path).join(', ')}.`, {
    members,
  })
}

async function readJson(endpoint: Endpoint, request: Request): Promise<unknown> {
  const mediaType = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (mediaType !== 'application/json')
    throw new ServerError('request.malformed', 'Send the body as application/json.')
  const bytes = await readBounded(request, endpoint.maxBodyBytes ?? defaultMaxBodyBytes)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new ServerError('request.malformed', 'The body is not JSON in UTF-8.', { cause })
  }
}

async function readBounded(request: Request, most: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new ServerError('request.too-large', `The body may have ${most} bytes at most; send less at once.`)
  if (Number(request.headers.get('content-length') ?? 0) > most) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > most) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
