/**
 * The asking end of a contract: one connection, made when needed and made again when lost, with many requests under way.
 */
import { closeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { DescriptorSocket, HostError } from '@coreward/host'
import {
  AnswerFrame,
  type Contract,
  decodeFrame,
  encodeFrame,
  type ParamsOf,
  type PartOf,
  type ResultOf,
} from './contract.ts'
import { VerbError } from './verb-error.ts'

/** Requests under way on one connection; more are refused as `busy`. Callers bound themselves well below it. */
export const MAX_OUTSTANDING = 256

/** How often a lost peer is tried again, in milliseconds: a restart takes a few hundred. */
const RETRY_MILLISECONDS = 25

export interface ChannelOptions {
  readonly path: string
  /** Users that may listen there: a socket of anyone else is not ours and is not talked to. */
  readonly peerUids: readonly number[]
  /** The code of failures for want of the peer. */
  readonly gone: 'guard-gone' | 'scanner-gone'
  /** How long a call waits for a peer that is not there, in milliseconds. Default 5000: a restart takes under one. */
  readonly patienceMilliseconds?: number
}

export interface CallOptions<Part = never> {
  /** Must stay open until the call settles; never closed here. */
  readonly descriptors?: readonly number[] | undefined
  /** Told of each part of the answer, in their order. What it throws fails the call. */
  readonly onPart?: ((part: Part) => void) | undefined
  readonly signal?: AbortSignal | undefined
  /** For the next part or the result. Default 60,000. */
  readonly timeoutMilliseconds?: number | undefined
  /** Overrides the channel's; 0: do not wait. */
  readonly patienceMilliseconds?: number | undefined
}

interface Outstanding {
  readonly socket: DescriptorSocket
  readonly take: (part: unknown) => void
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

export class ChannelClient<C extends Contract> {
  readonly #contract: C
  readonly #options: ChannelOptions
  readonly #outstanding = new Map<number, Outstanding>()
  #socket: DescriptorSocket | undefined
  #lastId = 0
  #closed = false

  constructor(contract: C, options: ChannelOptions) {
    this.#contract = contract
    this.#options = options
  }

  /**
   * Asks and waits for the answer, which is checked against the contract. When the signal aborts, the peer is told and its answer is
   * still awaited: it may have come too late. Rejects with VerbError: the peer's own, or the channel's gone, busy, time-out, malformed.
   */
  async call<V extends keyof C & string>(
    verb: V,
    params: ParamsOf<C, V>,
    options: CallOptions<PartOf<C, V>> = {},
  ): Promise<ResultOf<C, V>> {
    const socket = await this.#connected(
      options.patienceMilliseconds ?? this.#options.patienceMilliseconds ?? 5000,
    )
    if (this.#outstanding.size >= MAX_OUTSTANDING) {
      throw new VerbError('busy', `${MAX_OUTSTANDING} requests are under way; wait for some to end.`)
    }
    const id = ++this.#lastId
    const frame = encodeFrame({ id, verb, params })
    const { promise: answer, resolve, reject } = Promise.withResolvers<unknown>()
    const limit = options.timeoutMilliseconds ?? 60_000
    const timer = setTimeout(() => {
      reject(new VerbError('time-out', `No answer to ${verb} at ${this.#options.path} within ${limit} ms.`))
      this.#cancel(socket, id)
    }, limit)
    const take = (part: unknown) => {
      timer.refresh()
      try {
        options.onPart?.(this.#checked(verb, 'part', part) as PartOf<C, V>)
      } catch (error) {
        reject(error)
        this.#cancel(socket, id)
      }
    }
    this.#outstanding.set(id, { socket, take, resolve, reject })
    const onAbort = () => this.#cancel(socket, id)
    try {
      socket.send(frame, options.descriptors).catch((error: HostError) => this.#lost(socket, error))
      if (options.signal?.aborted) onAbort()
      else options.signal?.addEventListener('abort', onAbort, { once: true })
      return this.#checked(verb, 'result', await answer) as ResultOf<C, V>
    } finally {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', onAbort)
      this.#outstanding.delete(id)
    }
  }

  /** Ends the connection; what is under way fails. */
  close(): void {
    this.#closed = true
    this.#socket?.close()
  }

  #checked(verb: keyof C & string, which: 'part' | 'result', value: unknown): unknown {
    const checked = this.#contract[verb]?.[which]?.safeParse(value)
    if (checked?.success) return checked.data
    throw new VerbError('malformed', `The answer to ${verb} does not keep the contract.`, checked?.error)
  }

  async #connected(patience: number): Promise<DescriptorSocket> {
    const deadline = Date.now() + patience
    for (;;) {
      if (this.#closed) throw this.#gone('the connection was closed')
      if (this.#socket !== undefined && !this.#socket.closed) return this.#socket
      try {
        return this.#connect()
      } catch (error) {
        if (!(error instanceof HostError)) throw error
        const passing = error.code === 'disconnected' || error.code === 'missing'
        if (!passing || Date.now() >= deadline) throw this.#gone(error.message, error)
      }
      await sleep(RETRY_MILLISECONDS)
    }
  }

  #connect(): DescriptorSocket {
    const socket = DescriptorSocket.connect(this.#options.path)
    if (!this.#options.peerUids.includes(socket.peer.uid)) {
      const { uid } = socket.peer
      socket.close()
      throw new HostError('peer-refused', `User ${uid} listens at ${this.#options.path}, who is not ours.`)
    }
    socket.start({
      onMessage: (message, descriptors) => this.#answered(socket, message, descriptors),
      onClose: (reason) => this.#lost(socket, reason),
    })
    this.#socket = socket
    return socket
  }

  #answered(socket: DescriptorSocket, message: Uint8Array, descriptors: readonly number[]): void {
    // No answer carries any.
    for (const descriptor of descriptors) closeSync(descriptor)
    let frame: AnswerFrame
    try {
      frame = decodeFrame(AnswerFrame, message)
    } catch {
      socket.close()
      return
    }
    const outstanding = this.#outstanding.get(frame.id)
    if ('part' in frame) outstanding?.take(frame.part)
    else if ('code' in frame) outstanding?.reject(new VerbError(frame.code, frame.message))
    else outstanding?.resolve(frame.result)
  }

  #cancel(socket: DescriptorSocket, id: number): void {
    if (socket.closed) return
    socket.send(encodeFrame({ id, cancel: true })).catch((error: HostError) => this.#lost(socket, error))
  }

  #lost(socket: DescriptorSocket, reason: HostError | undefined): void {
    socket.close()
    if (this.#socket === socket) this.#socket = undefined
    const error = this.#gone(reason?.message ?? 'it ended', reason)
    for (const outstanding of this.#outstanding.values()) {
      if (outstanding.socket === socket) outstanding.reject(error)
    }
  }

  #gone(why: string, cause?: unknown): VerbError {
    const who = this.#options.gone === 'guard-gone' ? 'guard' : 'scanner'
    return new VerbError(
      this.#options.gone,
      `The ${who} at ${this.#options.path} is not there: ${why}`,
      cause,
    )
  }
}
