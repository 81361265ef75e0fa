/**
 * An administrator who uses the console's interface without a browser: for end-to-end tests that look at what the server
 * holds rather than at how it is shown.
 */
import {
  type Answer,
  addressOf,
  type Call,
  type Endpoint,
  endpoints,
  type RecordedEvent,
} from '@coreward/contracts'
import { administrator } from './console.ts'

/** Calls the console's endpoints with a session. */
export interface Operator {
  call<E extends Endpoint>(endpoint: E, call: Call<E>): Promise<Answer<E>>
  /** All events that the server has stored, newest first. */
  events(): Promise<RecordedEvent[]>
}

/** Makes the first administrator with the one-time link, and is it. */
export async function operatorBy(link: string): Promise<Operator> {
  const { origin, hash } = new URL(link)
  const token = new URLSearchParams(hash.slice(1)).get('token') ?? ''
  let cookie = ''
  const call: Operator['call'] = async (endpoint, parts) => {
    const { params, query, body } = parts as {
      params?: Record<string, string>
      query?: object
      body?: unknown
    }
    const response = await fetch(new URL(addressOf(endpoint, params, { ...query }), origin), {
      method: endpoint.method,
      headers: { cookie, origin, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${endpoint.method} ${endpoint.path}: ${await response.text()}`)
    cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
    return endpoint.response?.parse(await response.json()) as never
  }
  await call(endpoints.completeSetup, { body: { token, ...administrator } })
  return {
    call,
    async events() {
      const all: RecordedEvent[] = []
      let cursor: string | undefined
      do {
        const page = await call(endpoints.listEvents, { query: { limit: 500, ...(cursor && { cursor }) } })
        all.push(...page.items)
        cursor = page.next
      } while (cursor !== undefined)
      return all
    },
  }
}
