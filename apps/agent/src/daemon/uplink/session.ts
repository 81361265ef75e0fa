/**
 * What the loops of one enrolled agent share: the client, what is known of the contact, and how a refusal ends it all.
 */
import type { Answer, Call, Endpoint } from '@coreward/contracts'
import type { Logger } from 'pino'
import type { Identity } from './identity.ts'
import { type CallOptions, ServerClient } from './server-client.ts'
import type { ServerCredentials } from './server-connection.ts'
import { isRefusal, UplinkError } from './uplink-error.ts'

/** How the contact with the server is. */
export interface Contact {
  readonly connected: boolean
  readonly lastContactAt: string | null
  /** Why the last call failed, for people; null when it did not. */
  readonly failure: string | null
}

export class Session {
  readonly log: Logger
  readonly #client: ServerClient
  readonly #ended = new AbortController()
  #identity: Identity
  #contact: Contact
  #refusal: UplinkError | undefined
  #serverClock = 0

  constructor(identity: Identity, log: Logger, lastContactAt: string | null) {
    this.log = log
    this.#identity = identity
    this.#client = new ServerClient(credentialsOf(identity))
    this.#contact = { connected: false, lastContactAt, failure: null }
  }

  get identity(): Identity {
    return this.#identity
  }

  get contact(): Contact {
    return this.#contact
  }

  /** Why the server will have nothing more to do with this agent; undefined while it has. */
  get refusal(): UplinkError | undefined {
    return this.#refusal
  }

  /** Aborted when the session ends, for whatever reason. */
  get signal(): AbortSignal {
    return this.#ended.signal
  }

  /** Milliseconds that the server's clock is ahead of this host's, as far as known. */
  get serverClock(): number {
    return this.#serverClock
  }

  set serverClock(ahead: number) {
    this.#serverClock = ahead
  }

  /** Takes a renewed certificate into use. */
  renew(identity: Identity): void {
    this.#identity = identity
    this.#client.use(credentialsOf(identity))
  }

  /** Calls the server and notes how that went. Rejects with UplinkError; a refusal ends the session. */
  async call<E extends Endpoint>(endpoint: E, call: Call<E>, options: CallOptions = {}): Promise<Answer<E>> {
    try {
      const answer = await this.#client.call(endpoint, call, { signal: this.signal, ...options })
      this.#note(null)
      return answer
    } catch (error) {
      this.#note(error)
      throw error
    }
  }

  /** A file of the update repository. Rejects with UplinkError. */
  async *file(path: string): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* this.#client.file(path)
      this.#note(null)
    } catch (error) {
      this.#note(error)
      throw error
    }
  }

  /** Ends the session and its connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort()
    await this.#client[Symbol.asyncDispose]()
  }

  #note(error: unknown): void {
    if (this.signal.aborted) return
    const reached = error === null || (error instanceof UplinkError && !error.code.startsWith('server.un'))
    if (reached) {
      if (!this.#contact.connected) this.log.info({ server: this.#identity.serverUrl }, 'connected')
      this.#contact = { connected: true, lastContactAt: new Date().toISOString(), failure: null }
    } else {
      const failure = error instanceof Error ? error.message : String(error)
      if (this.#contact.connected || this.#contact.failure === null)
        this.log.warn({ failure }, 'not connected')
      this.#contact = { ...this.#contact, connected: false, failure }
    }
    if (isRefusal(error)) {
      this.log.error({ code: error.code }, 'the server refuses this agent')
      this.#refusal = error
      this.#contact = { ...this.#contact, connected: false, failure: error.message }
      this.#ended.abort()
    }
  }
}

function credentialsOf({ serverUrl, enrollment, privateKey }: Identity): ServerCredentials {
  return { serverUrl, authority: enrollment.authority, certificate: enrollment.certificate, privateKey }
}
