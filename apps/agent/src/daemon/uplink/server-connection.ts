/**
 * Requests to one server over TLS: kept connections, and a bound for every wait. Node's own client: one from a library takes five megabytes
 * more of every host (ADR 24). It knows no contract and judges no answer.
 */
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import type { Socket } from 'node:net'

/** How the server is reached. Without a certificate only what needs none can be called. */
export interface ServerCredentials {
  readonly serverUrl: string
  /** PEM. Null trusts anyone: for the very first question, whose answer is checked otherwise. */
  readonly authority: string | null
  readonly certificate?: string
  readonly privateKey?: string
}

export interface ServerRequest {
  readonly method: string
  /** From the server's root, with its query. */
  readonly address: string
  /** JSON. */
  readonly body?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** How long the server may take to begin its answer, in milliseconds. */
  readonly timeout: number
}

export interface ServerResponse {
  readonly status: number
  /** The body as it arrives; to be read to its end or left. Rejects when it breaks off. */
  readonly body: AsyncIterable<Uint8Array>
}

const CONNECTIONS = 8
/** To be connected, encryption included, in milliseconds. */
const CONNECT_MILLISECONDS = 10_000
/** Between two pieces of an answer, in milliseconds. */
const BODY_MILLISECONDS = 30_000
/** A connection that was not used for so long, in milliseconds, is closed before the server does it at the wrong moment. */
const IDLE_MILLISECONDS = 4_000

export class ServerConnection {
  readonly #agent: Agent
  readonly #serverUrl: string

  constructor({ serverUrl, authority, certificate, privateKey }: ServerCredentials) {
    this.#serverUrl = serverUrl
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: CONNECTIONS,
      timeout: IDLE_MILLISECONDS,
      ...(authority === null ? { rejectUnauthorized: false } : { ca: authority }),
      ...(certificate === undefined || privateKey === undefined
        ? {}
        : { cert: certificate, key: privateKey }),
    })
  }

  /** Sends a request; resolves when its answer begins. Rejects with what the system says, or with an Error that names a wait. */
  async request({ method, address, body, signal, timeout }: ServerRequest): Promise<ServerResponse> {
    const url = new URL(address, this.#serverUrl)
    const headers = body === undefined ? {} : jsonHeaders(body)
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request(url, { method, headers, agent: this.#agent, ...(signal ? { signal } : {}) })
      const waiting = endLate(asked, timeout, 'it did not begin to answer in time')
      asked.once('socket', (socket) => endLateConnecting(socket))
      asked.once('response', resolve).on('error', reject)
      asked.once('close', () => clearTimeout(waiting)).once('response', () => clearTimeout(waiting))
      asked.end(body)
    })
    // Whoever reads the body hears of it; before, nobody need.
    response.on('error', () => {})
    return { status: response.statusCode ?? 0, body: piecesOf(response) }
  }

  /** Closes what is idle; requests under way end by themselves, and their connections after them. */
  retire(): void {
    for (const socket of Object.values(this.#agent.freeSockets).flat()) socket?.destroy()
  }

  /** Ends all connections at once. */
  destroy(): void {
    this.#agent.destroy()
  }
}

function jsonHeaders(body: string): Record<string, string | number> {
  return { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
}

function endLate(ended: { destroy(error: Error): unknown }, milliseconds: number, why: string) {
  return setTimeout(() => ended.destroy(new Error(why)), milliseconds)
}

function endLateConnecting(socket: Socket): void {
  if (!socket.connecting) return
  const waiting = endLate(socket, CONNECT_MILLISECONDS, 'it could not be connected to in time')
  const done = () => clearTimeout(waiting)
  socket.once('secureConnect', done).once('close', done)
}

async function* piecesOf(response: IncomingMessage): AsyncGenerator<Uint8Array, void, void> {
  const pieces = response[Symbol.asyncIterator]()
  try {
    for (;;) {
      const waiting = endLate(response, BODY_MILLISECONDS, 'its answer did not go on')
      const { value, done } = await pieces.next().finally(() => clearTimeout(waiting))
      if (done === true) return
      yield value
    }
  } finally {
    response.destroy()
  }
}
