/**
 * A listening unix socket of whole messages. Whoever is not a user that may connect is cut off before a byte is read.
 */
import { chmodSync, chownSync, closeSync, lstatSync, rmSync } from 'node:fs'
import { HostError, hostError } from '../host-error.ts'
import { DescriptorSocket, SEQPACKET_FLAGS } from './descriptor-socket.ts'
import { peerOf, socketAddress } from './socket-address.ts'
import { callError, calls, lastError, type PollHandle, watch } from './system-calls.ts'

/** SOCK_CLOEXEC | SOCK_NONBLOCK. */
const ACCEPT_FLAGS = 0o2000000 | 0o4000
const BACKLOG = 16
/** Rest when the process has no descriptor left for a connection, in milliseconds: without it the loop would spin. */
const EXHAUSTED_REST = 100

export interface ListenOptions {
  readonly path: string
  /** Users that may connect. */
  readonly allowedUids: readonly number[]
  /** Owner of the socket's file; this process's own when absent. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
  /** Mode of the socket's file; connecting needs write permission. Default 0600. */
  readonly mode?: number
  readonly onConnection: (socket: DescriptorSocket) => void
  /** Told of a user that was cut off. */
  readonly onRefused?: (uid: number) => void
}

export class DescriptorListener {
  readonly #fd: number
  readonly #options: ListenOptions
  #handle: PollHandle
  #rest: NodeJS.Timeout | undefined
  #closed = false

  /**
   * Listens. A socket file that a dead process left is replaced. Throws HostError `exists` when a living one listens there or
   * something else stands there, `path-too-long`, `permission`, `missing` (the folder).
   */
  constructor(options: ListenOptions) {
    this.#options = options
    const address = socketAddress(options.path)
    removeStale(options.path)
    const fd = calls.socket(1, SEQPACKET_FLAGS, 0)
    if (fd < 0) throw callError('make a socket')
    this.#fd = fd
    try {
      if (calls.bind(fd, address, address.length) < 0) throw callError(`bind ${options.path}`)
      // Nobody can connect before listen(): owner and mode stand by then.
      chmodSync(options.path, options.mode ?? 0o600)
      if (options.owner !== undefined) chownSync(options.path, options.owner.uid, options.owner.gid)
      if (calls.listen(fd, BACKLOG) < 0) throw callError(`listen at ${options.path}`)
      this.#handle = watch(fd, { readable: true }, this.#accept)
    } catch (error) {
      closeSync(fd)
      throw hostError(`listen at ${options.path}`, error)
    }
  }

  /** Takes no more connections; those that stand go on. Leaves the socket file, which a successor replaces. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#rest)
    this.#handle.stop()
    this.#handle.close()
    closeSync(this.#fd)
  }

  #accept = (): void => {
    while (!this.#closed) {
      const fd = calls.accept4(this.#fd, null, null, ACCEPT_FLAGS)
      if (fd < 0) {
        const code = lastError()
        if (code === 'EMFILE' || code === 'ENFILE' || code === 'ENOMEM') this.#restAWhile()
        return
      }
      const { uid } = peerOf(fd)
      if (this.#options.allowedUids.includes(uid)) {
        this.#options.onConnection(new DescriptorSocket(fd))
      } else {
        closeSync(fd)
        this.#options.onRefused?.(uid)
      }
    }
  }

  #restAWhile(): void {
    this.#handle.stop()
    this.#rest = setTimeout(() => this.#handle.start({ readable: true }, this.#accept), EXHAUSTED_REST)
  }
}

function removeStale(path: string): void {
  const status = lstatSync(path, { throwIfNoEntry: false })
  if (status === undefined) return
  if (!status.isSocket()) throw new HostError('exists', `${path} is not a socket; move it away.`)
  if (isAlive(path)) {
    throw new HostError(
      'exists',
      `A process listens at ${path} already: another agent runs on this data folder; stop it.`,
    )
  }
  rmSync(path, { force: true })
}

function isAlive(path: string): boolean {
  try {
    DescriptorSocket.connect(path).close()
    return true
  } catch (error) {
    if (error instanceof HostError && (error.code === 'disconnected' || error.code === 'missing'))
      return false
    throw error
  }
}
