/**
 * A connected unix socket of whole messages (SOCK_SEQPACKET, unix(7)), each with some descriptors. Node's own sockets
 * cannot receive descriptors. It never blocks and holds no thread: the socket is non-blocking and watched by the event loop,
 * so the process can end at any moment. It gives messages no meaning.
 */
import { closeSync } from 'node:fs'
import { HostError } from '../host-error.ts'
import { MESSAGE_BYTES, MESSAGE_DESCRIPTORS, MessageBuffer } from './message-buffer.ts'
import { type PeerUser, peerOf, socketAddress } from './socket-address.ts'
import { callError, calls, lastError, type PollHandle, watch } from './system-calls.ts'

const AF_UNIX = 1
/** SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK. */
export const SEQPACKET_FLAGS = 5 | 0o2000000 | 0o4000

/** Messages taken from one socket before others get their turn: keeps a flood on one from starving the rest. */
const MESSAGES_PER_TURN = 32

/** Messages that wait for room in the kernel before `send` refuses: far more than any caller has outstanding. */
const QUEUE_LIMIT = 1024

export interface DescriptorSocketEvents {
  /** A message. Whoever gets the descriptors closes them. */
  readonly onMessage: (message: Uint8Array, descriptors: readonly number[]) => void
  /** Once, when the connection is over for whatever reason, `close` included. */
  readonly onClose: (reason: HostError | undefined) => void
}

interface Waiting {
  readonly message: Uint8Array
  readonly descriptors: readonly number[]
  readonly resolve: () => void
  readonly reject: (error: HostError) => void
}

// One for the process: calls are synchronous, and a received message is copied out before the next call.
const buffer = new MessageBuffer()

export class DescriptorSocket {
  /** Who is at the other end; of a listener, who it was when it began to listen. */
  readonly peer: PeerUser
  readonly #fd: number
  readonly #queue: Waiting[] = []
  #events: DescriptorSocketEvents | undefined
  #handle: PollHandle | undefined
  #closed = false

  /** Takes over a connected, non-blocking descriptor. Nothing is read before `start`. */
  constructor(fd: number) {
    this.#fd = fd
    this.peer = peerOf(fd)
  }

  /** Connects to a listening socket. Throws HostError missing, disconnected (nobody listens), permission, path-too-long. */
  static connect(path: string): DescriptorSocket {
    const address = socketAddress(path)
    const fd = calls.socket(AF_UNIX, SEQPACKET_FLAGS, 0)
    if (fd < 0) throw callError('make a socket')
    if (calls.connect(fd, address, address.length) < 0) {
      const code = lastError()
      closeSync(fd)
      // A full backlog: whoever listens does not accept.
      throw callError(`connect to ${path}`, code === 'EAGAIN' ? 'ECONNREFUSED' : code)
    }
    return new DescriptorSocket(fd)
  }

  /** Two connected sockets. */
  static pair(): [DescriptorSocket, DescriptorSocket] {
    const pair = Buffer.alloc(8)
    if (calls.socketpair(AF_UNIX, SEQPACKET_FLAGS, 0, pair) < 0) throw callError('make a pair of sockets')
    return [new DescriptorSocket(pair.readInt32LE(0)), new DescriptorSocket(pair.readInt32LE(4))]
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Begins to read. */
  start(events: DescriptorSocketEvents): void {
    this.#events = events
    this.#handle = watch(this.#fd, { readable: true }, this.#ready)
  }

  /**
   * Sends a message; resolves once the kernel has it. The descriptors must stay open until then and are never closed here.
   * Rejects with HostError message-too-long, disconnected, or system when too many messages wait.
   */
  send(message: Uint8Array, descriptors: readonly number[] = []): Promise<void> {
    if (this.#closed) return Promise.reject(new HostError('disconnected', 'The connection is closed.'))
    if (message.length === 0 || message.length > MESSAGE_BYTES) {
      const text = `A message has 1 to ${MESSAGE_BYTES} bytes; this one has ${message.length}.`
      return Promise.reject(new HostError('message-too-long', text))
    }
    if (descriptors.length > MESSAGE_DESCRIPTORS) {
      const text = `A message has up to ${MESSAGE_DESCRIPTORS} descriptors; this one has ${descriptors.length}.`
      return Promise.reject(new HostError('message-too-long', text))
    }
    if (this.#queue.length === 0) {
      const code = buffer.send(this.#fd, message, descriptors)
      if (code === undefined) return Promise.resolve()
      if (!isFull(code)) return Promise.reject(this.#fail(callError('send a message', code)))
    }
    if (this.#queue.length >= QUEUE_LIMIT) {
      return Promise.reject(new HostError('system', `More than ${QUEUE_LIMIT} messages wait to be sent.`))
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ message, descriptors, resolve, reject })
      this.#watchBoth()
    })
  }

  /** Ends the connection; the other end reads its end. Messages that still wait are rejected. Safe to call again. */
  close(): void {
    this.#end(undefined)
  }

  #ready = (): void => {
    this.#flush()
    for (let turn = 0; turn < MESSAGES_PER_TURN && !this.#closed; turn++) {
      const received = buffer.receive(this.#fd)
      if (typeof received === 'string') {
        if (received !== 'EAGAIN' && received !== 'EINTR') this.#end(callError('receive a message', received))
        return
      }
      const { descriptors } = received
      if (received.truncated || descriptors.length > MESSAGE_DESCRIPTORS) {
        for (const each of descriptors) closeSync(each)
        this.#end(
          new HostError(
            'message-too-long',
            'A message was longer, or had more descriptors, than is allowed.',
          ),
        )
        return
      }
      if (received.length === 0) {
        for (const each of descriptors) closeSync(each)
        this.#end(undefined)
        return
      }
      this.#events?.onMessage(buffer.content(received.length).slice(), descriptors)
    }
  }

  #flush(): void {
    const waited = this.#queue.length > 0
    for (let first = this.#queue[0]; first !== undefined && !this.#closed; first = this.#queue[0]) {
      const code = buffer.send(this.#fd, first.message, first.descriptors)
      if (code !== undefined && isFull(code)) return
      if (code !== undefined) {
        this.#fail(callError('send a message', code))
        return
      }
      this.#queue.shift()
      first.resolve()
    }
    if (waited && !this.#closed) this.#handle?.start({ readable: true }, this.#ready)
  }

  #watchBoth(): void {
    if (this.#handle === undefined) this.#handle = watch(this.#fd, { writable: true }, () => this.#flush())
    else this.#handle.start({ readable: true, writable: true }, this.#ready)
  }

  #fail(error: HostError): HostError {
    this.#end(error)
    return error
  }

  #end(reason: HostError | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#handle?.stop()
    this.#handle?.close()
    closeSync(this.#fd)
    const error = reason ?? new HostError('disconnected', 'The connection was closed.')
    for (const waiting of this.#queue.splice(0)) waiting.reject(error)
    this.#events?.onClose(reason)
  }
}

/** ETOOMANYREFS: too many descriptors are under way (unix(7)); like a full buffer, it passes when the peer reads. */
function isFull(code: string): boolean {
  return code === 'EAGAIN' || code === 'EINTR' || code === 'ENOBUFS' || code === 'ETOOMANYREFS'
}
