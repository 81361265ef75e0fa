/**
 * A set of file states (packages/host folder-reader.ts), at most one for each file, in a few words of memory each; and the same as
 * the bytes of a file. It knows nothing of scans.
 *
 * The file: magic (8 bytes), the number of states (4), zero (4), the basis (32), the states, then the SHA-256 of all that. Words are
 * little-endian.
 */
import { createHash, randomBytes } from 'node:crypto'
import { STATE_WORDS } from '@coreward/host'

const MAGIC = 'CWCLEAN1'
const HEADER_BYTES = 48
const DIGEST_BYTES = 32
const STATE_BYTES = 4 * STATE_WORDS

/** For the places in memory, which are made anew whenever a file is read. */
const SECRET = randomBytes(4).readInt32LE()

/** States for which there is room at first. */
const FIRST_ROOM = 1024

export class CleanTable {
  #states: Uint32Array
  /** By the hash of a file: the number of its state, plus one; 0 where there is none. Never more than half full. */
  #places: Uint32Array
  #count: number

  constructor(states = new Uint32Array(FIRST_ROOM * STATE_WORDS), count = 0) {
    this.#states = states
    this.#count = count
    this.#places = this.#placed(roomFor(count))
  }

  get count(): number {
    return this.#count
  }

  /** Whether exactly this state is in the set; it begins at `at`. */
  has(words: Uint32Array, at: number): boolean {
    const number = this.#places[this.#find(words, at)] as number
    if (number === 0) return false
    const own = (number - 1) * STATE_WORDS
    for (let word = 3; word < STATE_WORDS; word += 1) {
      if (this.#states[own + word] !== words[at + word]) return false
    }
    return true
  }

  /** Puts a state in, in place of another of the same file. */
  put(state: Uint32Array): void {
    const place = this.#find(state, 0)
    const number = this.#places[place] as number
    if (number > 0) {
      this.#states.set(state, (number - 1) * STATE_WORDS)
      return
    }
    if ((this.#count + 1) * STATE_WORDS > this.#states.length) {
      const more = new Uint32Array(this.#states.length * 2)
      more.set(this.#states)
      this.#states = more
    }
    this.#states.set(state, this.#count * STATE_WORDS)
    this.#count += 1
    this.#places[place] = this.#count
    if (this.#count * 2 > this.#places.length) this.#places = this.#placed(this.#places.length * 2)
  }

  /** The bytes of its file, under a basis of 32 bytes. */
  encode(basis: Uint8Array): Uint8Array {
    const bytes = Buffer.alloc(HEADER_BYTES + this.#count * STATE_BYTES + DIGEST_BYTES)
    bytes.write(MAGIC, 'latin1')
    bytes.writeUInt32LE(this.#count, 8)
    bytes.set(basis, 16)
    const end = bytes.length - DIGEST_BYTES
    bytes.set(new Uint8Array(this.#states.buffer, 0, this.#count * STATE_BYTES), HEADER_BYTES)
    bytes.set(createHash('sha256').update(bytes.subarray(0, end)).digest(), end)
    return bytes
  }

  /** The set in a file's bytes; undefined when they are of another basis, damaged or none at all. */
  static decode(bytes: Uint8Array, basis: Uint8Array): CleanTable | undefined {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const end = file.length - DIGEST_BYTES
    if (end < HEADER_BYTES || file.toString('latin1', 0, 8) !== MAGIC) return undefined
    if (!file.subarray(16, HEADER_BYTES).equals(basis)) return undefined
    const count = file.readUInt32LE(8)
    if (end !== HEADER_BYTES + count * STATE_BYTES) return undefined
    if (!createHash('sha256').update(file.subarray(0, end)).digest().equals(file.subarray(end)))
      return undefined
    const states = new Uint32Array(Math.max(FIRST_ROOM, count) * STATE_WORDS)
    new Uint8Array(states.buffer).set(file.subarray(HEADER_BYTES, end))
    return new CleanTable(states, count)
  }

  /** The place of a file's state, or the free one where it belongs. */
  #find(words: Uint32Array, at: number): number {
    const mask = this.#places.length - 1
    for (let place = hashOf(words, at) & mask; ; place = (place + 1) & mask) {
      const number = this.#places[place] as number
      if (number === 0) return place
      const own = (number - 1) * STATE_WORDS
      const states = this.#states
      if (states[own + 1] === words[at + 1] && states[own + 2] === words[at + 2] && states[own] === words[at])
        return place
    }
  }

  #placed(room: number): Uint32Array {
    const places = new Uint32Array(room)
    const mask = room - 1
    for (let number = 1; number <= this.#count; number += 1) {
      let place = hashOf(this.#states, (number - 1) * STATE_WORDS) & mask
      while (places[place] !== 0) place = (place + 1) & mask
      places[place] = number
    }
    return places
  }
}

function roomFor(count: number): number {
  let room = 2 * FIRST_ROOM
  while (room < 2 * count) room *= 2
  return room
}

/**
 * Of device and inode. Whoever can make files can choose their inodes to some degree, and must not choose their places: hence the
 * secret. The steps are those of MurmurHash3's end.
 */
function hashOf(words: Uint32Array, at: number): number {
  let hash = (words[at + 1] as number) ^ SECRET
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) ^ (words[at] as number)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) ^ (words[at + 2] as number)
  return hash ^ (hash >>> 16)
}
