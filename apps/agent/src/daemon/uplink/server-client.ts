/**
 * Calls the server's endpoints over TLS, with this agent's certificate and the server's authority as the only one trusted.
 * Answers are checked by schema; a problem becomes an UplinkError with its code. It retries nothing.
 */
import { type Answer, addressOf, type Call, type Endpoint, endpoints, Problem } from '@coreward/contracts'
import { ServerConnection, type ServerCredentials, type ServerResponse } from './server-connection.ts'
import { UplinkError } from './uplink-error.ts'

export interface CallOptions {
  readonly signal?: AbortSignal
  /** How long the server may take to begin its answer, in milliseconds. Default 15,000. */
  readonly timeout?: number
}

/** No JSON answer of the contract is larger. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024

export class ServerClient {
  #connection: ServerConnection
  #credentials: ServerCredentials

  constructor(credentials: ServerCredentials) {
    this.#credentials = credentials
    this.#connection = new ServerConnection(credentials)
  }

  /** Uses other credentials from the next call on; calls under way end with the former. */
  use(credentials: ServerCredentials): void {
    this.#connection.retire()
    this.#credentials = credentials
    this.#connection = new ServerConnection(credentials)
  }

  /** Calls an endpoint. Rejects with UplinkError only. */
  async call<E extends Endpoint>(endpoint: E, call: Call<E>, options: CallOptions = {}): Promise<Answer<E>> {
    const { params, query, body } = call as {
      params?: Record<string, string>
      query?: object
      body?: unknown
    }
    const address = addressOf(endpoint, params, { ...query })
    const response = await this.#request(endpoint.method, address, body, options)
    const text = await readText(response, `${endpoint.method} ${address}`)
    if (endpoint.response === undefined) return undefined as Answer<E>
    try {
      return endpoint.response.parse(JSON.parse(text)) as Answer<E>
    } catch (cause) {
      throw new UplinkError(
        'server.answer',
        `The server's answer to ${address} is not in the contract.`,
        cause,
      )
    }
  }

  /** The bytes of a file of the update repository, as they arrive. Rejects with UplinkError. */
  async *file(path: string): AsyncGenerator<Uint8Array, void, void> {
    const address = addressOf(endpoints.updateFile, { path })
    const response = await this.#request('GET', address, undefined, {})
    try {
      yield* response.body
    } catch (cause) {
      throw unreachable(this.#credentials.serverUrl, cause)
    }
  }

  /** Ends all connections at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.destroy()
  }

  async #request(
    method: Endpoint['method'],
    address: string,
    body: unknown,
    { signal, timeout = 15_000 }: CallOptions,
  ): Promise<ServerResponse> {
    const { serverUrl } = this.#credentials
    const text = body === undefined ? undefined : JSON.stringify(body)
    let response: ServerResponse
    try {
      response = await this.#connection.request({ method, address, body: text, signal, timeout })
    } catch (cause) {
      throw unreachable(serverUrl, cause)
    }
    if (response.status >= 200 && response.status < 300) return response
    throw await problemOf(response, `${method} ${address}`)
  }
}

async function readText(response: ServerResponse, what: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of response.body) {
      length += chunk.length
      if (length > MAX_ANSWER_BYTES) break
      chunks.push(chunk)
    }
  } catch (cause) {
    throw new UplinkError('server.unreachable', `The answer to ${what} broke off: ${reasonOf(cause)}.`, cause)
  }
  if (length > MAX_ANSWER_BYTES) {
    throw new UplinkError('server.answer', `The answer to ${what} is longer than ${MAX_ANSWER_BYTES} bytes.`)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function problemOf(response: ServerResponse, what: string): Promise<UplinkError> {
  const text = await readText(response, what)
  try {
    const problem = Problem.parse(JSON.parse(text))
    return new UplinkError(problem.code, `${problem.title}${problem.detail ? `: ${problem.detail}` : ''}`)
  } catch (cause) {
    return new UplinkError(
      'server.answer',
      `${what} was answered with status ${response.status} and no problem of the contract; is this a Coreward server?`,
      cause,
    )
  }
}

/** What OpenSSL and Node call a certificate that does not lead to the authority, or is for another name. */
const distrust = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT_ALTNAME|HOSTNAME_MISMATCH|INVALID_CA|UNTRUSTED/

function unreachable(serverUrl: string, cause: unknown): UplinkError {
  if (cause instanceof UplinkError) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (distrust.test(code) && !code.startsWith('ERR_SSL')) {
    return new UplinkError(
      'server.untrusted',
      `${serverUrl} does not show a certificate of the server this agent was enrolled with (${reasonOf(cause)}); if the server was set up anew, enrol again.`,
      cause,
    )
  }
  return new UplinkError('server.unreachable', `${serverUrl} cannot be reached: ${reasonOf(cause)}.`, cause)
}

function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(reasonOf).join(', ')
  return cause instanceof Error ? cause.message : String(cause)
}
