/**
 * One reusable msghdr with its data, vector and control buffers (recvmsg(2), cmsg(3)), laid out by hand for 64-bit
 * little-endian Linux. It moves bytes and descriptors between a socket and memory and knows nothing of what they mean.
 */
import { addressOf, calls, lastError } from './system-calls.ts'

/** The longest message, in bytes. */
export const MESSAGE_BYTES = 64 * 1024

/** The most descriptors in one message: files that are scanned together. */
export const MESSAGE_DESCRIPTORS = 64

// The kernel passes at most 253 descriptors in one message (SCM_MAX_FD): room for all, so that extra ones can be closed.
const CONTROL_BYTES = 16 + 256 * 4
const HEADER_AT = MESSAGE_BYTES
const VECTOR_AT = HEADER_AT + 64
const CONTROL_AT = VECTOR_AT + 32

const SOL_SOCKET = 1
const SCM_RIGHTS = 1
const MSG_DONTWAIT = 0x40
const MSG_NOSIGNAL = 0x4000
const MSG_CMSG_CLOEXEC = 0x40000000
const MSG_TRUNC = 0x20
const MSG_CTRUNC = 0x8

/** What recvmsg gave: how many bytes (0: the peer is gone), all descriptors, and whether anything was cut off. */
export interface Received {
  readonly length: number
  readonly descriptors: readonly number[]
  readonly truncated: boolean
}

export class MessageBuffer {
  readonly #bytes = Buffer.alloc(CONTROL_AT + CONTROL_BYTES)
  readonly #header = this.#bytes.subarray(HEADER_AT, HEADER_AT + 56)
  readonly #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength)

  constructor() {
    const base = addressOf(this.#bytes)
    this.#word(HEADER_AT + 16, base + BigInt(VECTOR_AT))
    this.#word(HEADER_AT + 24, 1n)
    this.#word(HEADER_AT + 32, base + BigInt(CONTROL_AT))
    this.#word(VECTOR_AT, base)
  }

  /** Sends one message with up to MESSAGE_DESCRIPTORS descriptors. Returns undefined, or the error's name (`EAGAIN`: not now). */
  send(fd: number, message: Uint8Array, descriptors: readonly number[]): string | undefined {
    this.#bytes.set(message, 0)
    this.#word(VECTOR_AT + 8, BigInt(message.length))
    this.#view.setInt32(HEADER_AT + 48, 0, true)
    if (descriptors.length === 0) {
      this.#word(HEADER_AT + 40, 0n)
    } else {
      const length = 16 + 4 * descriptors.length
      // CMSG_SPACE: rounded up to words.
      this.#word(HEADER_AT + 40, BigInt((length + 7) & ~7))
      this.#word(CONTROL_AT, BigInt(length))
      this.#view.setInt32(CONTROL_AT + 8, SOL_SOCKET, true)
      this.#view.setInt32(CONTROL_AT + 12, SCM_RIGHTS, true)
      descriptors.forEach((descriptor, index) => {
        this.#view.setInt32(CONTROL_AT + 16 + 4 * index, descriptor, true)
      })
    }
    return calls.sendmsg(fd, this.#header, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? lastError() : undefined
  }

  /** Receives one message; `content` shows its bytes until the next call. Returns the error's name when there is none. */
  receive(fd: number): Received | string {
    this.#word(VECTOR_AT + 8, BigInt(MESSAGE_BYTES))
    this.#word(HEADER_AT + 40, BigInt(CONTROL_BYTES))
    this.#view.setInt32(HEADER_AT + 48, 0, true)
    const length = calls.recvmsg(fd, this.#header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)
    if (length < 0) return lastError()
    const flags = this.#view.getInt32(HEADER_AT + 48, true)
    return {
      length: Number(length),
      descriptors: this.#descriptors(),
      truncated: (flags & (MSG_TRUNC | MSG_CTRUNC)) !== 0,
    }
  }

  /** The bytes of the message just received. */
  content(length: number): Uint8Array {
    return this.#bytes.subarray(0, length)
  }

  #descriptors(): number[] {
    const found: number[] = []
    const end = CONTROL_AT + Number(this.#view.getBigUint64(HEADER_AT + 40, true))
    for (let at = CONTROL_AT; at + 16 <= end; ) {
      const length = Number(this.#view.getBigUint64(at, true))
      if (length < 16 || at + length > end) break
      const isRights =
        this.#view.getInt32(at + 8, true) === SOL_SOCKET && this.#view.getInt32(at + 12, true) === SCM_RIGHTS
      for (let slot = at + 16; isRights && slot + 4 <= at + length; slot += 4) {
        found.push(this.#view.getInt32(slot, true))
      }
      at += (length + 7) & ~7
    }
    return found
  }

  #word(at: number, value: bigint): void {
    this.#view.setBigUint64(at, value, true)
  }
}
