/**
 * The typed client: calls an endpoint of contracts and gives its answer, validated. The only place that knows `fetch`.
 * It keeps no state, retries nothing and shows nothing.
 */
import { type Answer, addressOf, type Call, type Endpoint, Problem } from '@coreward/contracts'
import { ApiError } from './api-error.ts'

interface Parts {
  params?: Readonly<Record<string, string>>
  query?: Readonly<Record<string, unknown>>
  body?: unknown
}

/**
 * Calls `endpoint` on the server the console came from, with the session's cookie.
 * Throws ApiError: with the server's problem code, `connection.failed` when there was no answer, `answer.malformed`
 * when the answer is not what the contract says.
 */
export async function call<E extends Endpoint>(
  endpoint: E,
  given: Call<E>,
  signal?: AbortSignal,
): Promise<Answer<E>> {
  const { params, query, body } = given as Parts
  const address = addressOf(endpoint, params, query)
  const response = await send(endpoint, address, body, signal)
  if (!response.ok) throw await problemOf(response, endpoint.method, address)
  if (endpoint.response === undefined) return undefined as Answer<E>
  const read = endpoint.response.safeParse(await response.json().catch(() => undefined))
  if (read.success) return read.data as Answer<E>
  throw new ApiError(
    'answer.malformed',
    `${endpoint.method} ${address}: the answer is not as the contract says`,
    {
      cause: read.error,
    },
  )
}

async function send(
  endpoint: Endpoint,
  address: string,
  body: unknown,
  signal: AbortSignal | undefined,
): Promise<Response> {
  try {
    return await fetch(address, {
      method: endpoint.method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json, application/problem+json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw new ApiError('connection.failed', `${endpoint.method} ${address}: the server did not answer`, {
      cause,
    })
  }
}

async function problemOf(response: Response, method: string, address: string): Promise<ApiError> {
  const read = Problem.safeParse(await response.json().catch(() => undefined))
  if (!read.success)
    return new ApiError(
      'answer.malformed',
      `${method} ${address}: status ${response.status} without a problem`,
    )
  const { code, title, detail, errors } = read.data
  return new ApiError(code, `${method} ${address}: ${title}`, { detail, fields: errors })
}
