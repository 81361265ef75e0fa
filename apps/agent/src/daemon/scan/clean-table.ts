/**
 * A set of file states (packages/host folder-reader.ts), at most one for each file, in a few words of memory each, and with each a note
 * (clean-note.ts); and the same as the bytes of a file. It knows nothing of scans.
 *
 * The file: magic (8 bytes), the number of states and the bytes of the head (4 each), the head, a text that is padded with spaces to a
 * multiple of 8, the states, the notes, then the SHA-256 of all that. Words are little-endian.
 */
import { createHash, randomBytes } from 'node:crypto'
import { STATE_WORDS } from '@coreward/host'
import { basisIn, NOTE_WORDS, onBasis } from './clean-note.ts'

const MAGIC = 'CWCLEAN2'
const FIXED_BYTES = 16
const DIGEST_BYTES = 32
const STATE_BYTES = 4 * STATE_WORDS
const NOTE_BYTES = 4 * NOTE_WORDS
/** Some digests and names. */
export const HEAD_MAX_BYTES = 4096

/** For the places in memory, which are made anew whenever a file is read. */
const SECRET = randomBytes(4).readInt32LE()

/** States for which there is room at first. */
const FIRST_ROOM = 1024

export class CleanTable {
  #states: Uint32Array
  #notes: Uint32Array
  /** By the hash of a file: the number of its state, plus one; 0 where there is none. Never more than half full. */
  #places: Uint32Array
  #count: number

  constructor(
    states = new Uint32Array(FIRST_ROOM * STATE_WORDS),
    notes = new Uint32Array(FIRST_ROOM * NOTE_WORDS),
    count = 0,
  ) {
    this.#states = states
    this.#notes = notes
    this.#count = count
    this.#places = this.#placed(roomFor(count))
  }

  get count(): number {
    return this.#count
  }

  /** All notes; that of an entry begins at its number times NOTE_WORDS. */
  get notes(): Uint32Array {
    return this.#notes
  }

  /** The number of the entry with exactly the state that begins at `at`, or -1. */
  find(words: Uint32Array, at: number): number {
    const number = (this.#places[this.#find(words, at)] as number) - 1
    if (number < 0) return -1
    const own = number * STATE_WORDS
    for (let word = 3; word < STATE_WORDS; word += 1) {
      if (this.#states[own + word] !== words[at + word]) return -1
    }
    return number
  }

  /** Puts a state in, in place of another of the same file. */
  put(state: Uint32Array, note: Uint32Array): void {
    const place = this.#find(state, 0)
    const number = (this.#places[place] as number) - 1
    if (number >= 0) {
      this.#states.set(state, number * STATE_WORDS)
      this.#notes.set(note, number * NOTE_WORDS)
      return
    }
    if ((this.#count + 1) * STATE_WORDS > this.#states.length) {
      this.#states = twice(this.#states)
      this.#notes = twice(this.#notes)
    }
    this.#states.set(state, this.#count * STATE_WORDS)
    this.#notes.set(note, this.#count * NOTE_WORDS)
    this.#count += 1
    this.#places[place] = this.#count
    if (this.#count * 2 > this.#places.length) this.#places = this.#placed(this.#places.length * 2)
  }

  /** How many entries each of the first `bases` bases has. */
  countByBasis(bases: number): number[] {
    const counts = Array.from({ length: bases }, () => 0)
    for (let at = 0; at < this.#count * NOTE_WORDS; at += NOTE_WORDS) {
      const basis = basisIn(this.#notes[at] as number)
      counts[basis] = (counts[basis] ?? 0) + 1
    }
    return counts
  }

  /** The entries whose basis gets a new number, with that; those whose basis gets none are left out. */
  renumbered(numbers: readonly (number | undefined)[]): CleanTable {
    const room = Math.max(FIRST_ROOM, this.#count)
    const states = new Uint32Array(room * STATE_WORDS)
    const notes = new Uint32Array(room * NOTE_WORDS)
    let count = 0
    for (let number = 0; number < this.#count; number += 1) {
      const at = number * NOTE_WORDS
      const basis = numbers[basisIn(this.#notes[at] as number)]
      if (basis === undefined) continue
      states.set(this.#states.subarray(number * STATE_WORDS, (number + 1) * STATE_WORDS), count * STATE_WORDS)
      notes.set(this.#notes.subarray(at, at + NOTE_WORDS), count * NOTE_WORDS)
      notes[count * NOTE_WORDS] = onBasis(this.#notes[at] as number, basis)
      count += 1
    }
    return new CleanTable(states, notes, count)
  }

  /** The bytes of its file, under a head of at most HEAD_MAX_BYTES. */
  encode(head: string): Uint8Array {
    const text = Buffer.from(head)
    const first = FIXED_BYTES + text.length + (-text.length & 7)
    const bytes = Buffer.alloc(first + this.#count * (STATE_BYTES + NOTE_BYTES) + DIGEST_BYTES, ' ')
    bytes.write(MAGIC, 'latin1')
    bytes.writeUInt32LE(this.#count, 8)
    bytes.writeUInt32LE(first - FIXED_BYTES, 12)
    bytes.set(text, FIXED_BYTES)
    const middle = first + this.#count * STATE_BYTES
    bytes.set(new Uint8Array(this.#states.buffer, 0, this.#count * STATE_BYTES), first)
    bytes.set(new Uint8Array(this.#notes.buffer, 0, this.#count * NOTE_BYTES), middle)
    const end = bytes.length - DIGEST_BYTES
    bytes.set(createHash('sha256').update(bytes.subarray(0, end)).digest(), end)
    return bytes
  }

  /** Head and set in a file's bytes; undefined when they are damaged or none at all. */
  static decode(bytes: Uint8Array): { readonly head: string; readonly table: CleanTable } | undefined {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const head = headIn(file)
    const end = file.length - DIGEST_BYTES
    if (head === undefined) return undefined
    const count = file.readUInt32LE(8)
    const first = FIXED_BYTES + file.readUInt32LE(12)
    const middle = first + count * STATE_BYTES
    if (end !== middle + count * NOTE_BYTES) return undefined
    if (!createHash('sha256').update(file.subarray(0, end)).digest().equals(file.subarray(end)))
      return undefined
    const room = Math.max(FIRST_ROOM, count)
    const states = new Uint32Array(room * STATE_WORDS)
    const notes = new Uint32Array(room * NOTE_WORDS)
    new Uint8Array(states.buffer).set(file.subarray(first, middle))
    new Uint8Array(notes.buffer).set(file.subarray(middle, end))
    return { head, table: new CleanTable(states, notes, count) }
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

/** The head of a file of which at least its first bytes are given, FIXED_BYTES and HEAD_MAX_BYTES; not checked against its digest. */
export function headIn(bytes: Uint8Array): string | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (file.length < FIXED_BYTES + DIGEST_BYTES || file.toString('latin1', 0, 8) !== MAGIC) return undefined
  const length = file.readUInt32LE(12)
  if (length > HEAD_MAX_BYTES || FIXED_BYTES + length > file.length) return undefined
  return file.toString('utf8', FIXED_BYTES, FIXED_BYTES + length).trimEnd()
}

function twice(words: Uint32Array): Uint32Array {
  const more = new Uint32Array(words.length * 2)
  more.set(words)
  return more
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
