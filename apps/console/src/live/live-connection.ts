/**
 * The stream of changes from the server while the console is open: one EventSource, its state for people, and the
 * messages for whoever applies them. It reconnects by itself for as long as it lives and applies nothing.
 */
import { addressOf, endpoints, LiveMessage } from '@coreward/contracts'

/**
 * `live`: changes arrive. `reconnecting`: they did until a moment ago. `offline`: nothing has been heard for a while, and
 * what is on screen may be out of date.
 */
export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'offline'

/** State with the instant it began. */
export interface ConnectionStatus {
  readonly state: ConnectionState
  readonly since: Date
}

/** A lost connection is called offline after this many milliseconds: longer than a server's restart. */
const offlineAfter = 10_000

/** Where an EventSource has given up (a refused request), a new one is made after this many milliseconds. */
const retryAfter = 3_000

export class LiveConnection {
  #source: EventSource | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #giveUp: ReturnType<typeof setTimeout> | undefined
  #status: ConnectionStatus = { state: 'connecting', since: new Date() }
  readonly #listeners = new Set<() => void>()
  readonly #onMessage: (message: LiveMessage) => void
  readonly #onReturn: () => void

  /** `onReturn` is called each time the stream opens again after a gap: messages were missed. */
  constructor(onMessage: (message: LiveMessage) => void, onReturn: () => void) {
    this.#onMessage = onMessage
    this.#onReturn = onReturn
  }

  /** Opens the stream. */
  open(): void {
    this.#source?.close()
    const source = new EventSource(addressOf(endpoints.live))
    this.#source = source
    source.onopen = () => {
      clearTimeout(this.#giveUp)
      this.#giveUp = undefined
      if (this.#status.state !== 'connecting') this.#onReturn()
      this.#become('live')
    }
    source.onmessage = (event) => {
      const message = LiveMessage.safeParse(parse(event.data))
      if (message.success) this.#onMessage(message.data)
    }
    source.onerror = () => {
      if (this.#status.state !== 'offline') this.#become('reconnecting')
      this.#giveUp ??= setTimeout(() => this.#become('offline'), offlineAfter)
      if (source.readyState !== EventSource.CLOSED) return
      clearTimeout(this.#retry)
      this.#retry = setTimeout(() => this.open(), retryAfter)
    }
  }

  /** Closes the stream for good. */
  close(): void {
    this.#source?.close()
    clearTimeout(this.#retry)
    clearTimeout(this.#giveUp)
  }

  /** How the connection is now; the same object until it changes. */
  get status(): ConnectionStatus {
    return this.#status
  }

  /** Calls `listener` whenever the status changes; gives what ends that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #become(state: ConnectionState): void {
    if (this.#status.state === state) return
    // Offline is the same gap grown long: what is on screen is as old as the moment the stream broke.
    const since = state === 'offline' ? this.#status.since : new Date()
    this.#status = { state, since }
    for (const listener of this.#listeners) listener()
  }
}

function parse(text: unknown): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}
