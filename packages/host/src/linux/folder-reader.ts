/**
 * A folder's files and folders with the state of each, as cheaply as Linux tells them: one call for some hundred names, and one for
 * each state (getdents64(2), statx(2)), into memory that is used again and again. Links, devices, pipes and sockets are passed over.
 * It follows no link and opens nothing.
 */
import type { BigIntStats } from 'node:fs'
import { addressOf, callError, calls, lastError } from './system-calls.ts'

/**
 * A state in words of 32 bits: device, inode (2), size (2), modification time (2), change time (2). Two files, or two states of one,
 * differ in it.
 */
export const STATE_WORDS = 9

/** Bytes of names taken at a time. */
const NAMES_BYTES = 32 * 1024

// linux_dirent64: inode (8), offset (8), length of the entry (2), type (1), name, zero.
const LENGTH_AT = 16
const TYPE_AT = 18
const NAME_AT = 19
const DT_UNKNOWN = 0
const DT_DIR = 4
const DT_REG = 8

const AT_SYMLINK_NOFOLLOW = 0x100
const AT_NO_AUTOMOUNT = 0x800
const STATX_BASIC_STATS = 0x7ff
const S_IFMT = 0o170000
const S_IFDIR = 0o040000
const S_IFREG = 0o100000

// struct statx, in words: links, mode (lower half), inode, size, change time, modification time, device.
const LINKS = 4
const MODE = 7
const INODE = 8
const SIZE = 10
const CHANGED = 24
const MODIFIED = 28
const DEVICE = 34

// One for the process: a state is copied out before the next call.
const status = new Uint32Array(64)
const statusBytes = new Uint8Array(status.buffer)

export class FolderReader {
  /** Of the entry that `next` came to, as are all below: whether it is a folder; else it is a file. */
  isFolder = false
  links = 0
  readonly state = new Uint32Array(STATE_WORDS)
  /** Its name stands here. */
  readonly names = new Uint8Array(NAMES_BYTES)
  nameFrom = 0
  nameTo = 0
  #fd = -1
  readonly #address = Number(addressOf(this.names))
  readonly #view = new DataView(this.names.buffer)
  #at = 0
  #filled = 0

  /** Begins to read an open folder, which stays the caller's to close. One reader does for one folder after the other. */
  begin(fd: number): void {
    this.#fd = fd
    this.#at = 0
    this.#filled = 0
  }

  /** Goes to the next entry, in no order; false at the end. Entries that vanish meanwhile are left out. Throws HostError. */
  next(): boolean {
    for (;;) {
      if (this.#at >= this.#filled && !this.#fill()) return false
      const entry = this.#at
      this.#at += this.#view.getUint16(entry + LENGTH_AT, true)
      const type = this.names[entry + TYPE_AT]
      if (type !== DT_REG && type !== DT_DIR && type !== DT_UNKNOWN) continue
      this.nameFrom = entry + NAME_AT
      this.nameTo = this.names.indexOf(0, this.nameFrom)
      if (!this.#isDots() && this.#ask()) return true
    }
  }

  #fill(): boolean {
    this.#at = 0
    this.#filled = Number(calls.getdents64(this.#fd, this.names, NAMES_BYTES))
    if (this.#filled >= 0) return this.#filled > 0
    this.#filled = 0
    throw callError('list a folder')
  }

  /** `.` and `..`. */
  #isDots(): boolean {
    const length = this.nameTo - this.nameFrom
    const { names, nameFrom } = this
    return length <= 2 && names[nameFrom] === 46 && (length === 1 || names[nameFrom + 1] === 46)
  }

  #ask(): boolean {
    const name = this.#address + this.nameFrom
    const flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT
    if (calls.statx(this.#fd, name, flags, STATX_BASIC_STATS, statusBytes) < 0) {
      const code = lastError()
      if (code === 'ENOENT') return false
      throw callError('ask about an entry of a folder', code)
    }
    const kind = word(MODE) & S_IFMT
    if (kind !== S_IFDIR && kind !== S_IFREG) return false
    this.isFolder = kind === S_IFDIR
    this.links = word(LINKS)
    const { state } = this
    state[0] = packedDevice(word(DEVICE), word(DEVICE + 1))
    state[1] = word(INODE)
    state[2] = word(INODE + 1)
    state[3] = word(SIZE)
    state[4] = word(SIZE + 1)
    packTime(state, 5, word(MODIFIED), word(MODIFIED + 1), word(MODIFIED + 2))
    packTime(state, 7, word(CHANGED), word(CHANGED + 1), word(CHANGED + 2))
    return true
  }
}

/** The same of what Node's fstat or lstat said with `bigint`. */
export function stateOf({ dev, ino, size, mtimeNs, ctimeNs }: FileTimesAndNumbers): Uint32Array {
  const state = new Uint32Array(STATE_WORDS)
  // makedev(3), as glibc lays a device's two numbers out in 64 bits.
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n)
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n)
  state[0] = packedDevice(Number(major), Number(minor))
  for (const [at, value] of [ino, size].entries()) {
    state[1 + 2 * at] = Number(value & 0xffffffffn)
    state[2 + 2 * at] = Number((value >> 32n) & 0xffffffffn)
  }
  for (const [at, time] of [mtimeNs, ctimeNs].entries()) {
    const nanoseconds = ((time % SECOND) + SECOND) % SECOND
    const seconds = (time - nanoseconds) / SECOND
    const [low, high] = [Number(seconds & 0xffffffffn), Number((seconds >> 32n) & 0xffffffffn)]
    packTime(state, 5 + 2 * at, low, high, Number(nanoseconds))
  }
  return state
}

export type FileTimesAndNumbers = Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'mtimeNs' | 'ctimeNs'>

const SECOND = 1_000_000_000n

function word(at: number): number {
  return status[at] as number
}

/** The kernel has 12 bits for the major and 20 for the minor number. */
function packedDevice(major: number, minor: number): number {
  return (major << 20) | minor
}

/** 30 bits of nanoseconds, then the lower 34 of the seconds: every time from 1698 to 2242 by itself. */
function packTime(state: Uint32Array, at: number, low: number, high: number, nanoseconds: number): void {
  state[at] = nanoseconds | (low << 30)
  state[at + 1] = (low >>> 2) | (high << 30)
}
