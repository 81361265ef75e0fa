/**
 * A definitions file as its reader gets it: what must lie in memory, and a way to read the rest when it is needed. Nothing
 * is checked here but lengths; the checks are section-views.ts's.
 */
import { fstatSync, readSync } from 'node:fs'
import { DefinitionsError } from './definitions-error.ts'
import { HEADER_BYTES, header } from './layout.ts'

/** Many times what a full set takes. */
const RESIDENT_MAX_BYTES = 1024 * 1024 * 1024

export interface DefinitionsFile {
  /** The header and the resident sections. May lie in memory that many threads share, and must not change. */
  readonly resident: Uint8Array
  /** Bytes of the whole file. */
  readonly length: number
  /** Reads exactly `length` bytes at `offset` of the file. Throws what reading throws. */
  read(offset: number, length: number): Uint8Array
}

/** A file that lies in memory whole. */
export function definitionsInMemory(bytes: Uint8Array): DefinitionsFile {
  const resident = bytes.subarray(0, residentLengthOf(bytes))
  return {
    resident,
    length: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  }
}

/**
 * An open file whose first part has been read by `readResident`. Keeps the descriptor, by whose number all threads of the process
 * can read; whoever opened it closes it when the definitions are no longer used.
 */
export function definitionsOnDisk(fd: number, resident: Uint8Array): DefinitionsFile {
  return {
    resident,
    length: fstatSync(fd).size,
    read: (offset, length) => readExactly(fd, new Uint8Array(length), offset),
  }
}

/** Reads the first bytes of an open file, as many as a header has if there are so many. Throws what reading throws. */
export function readHeader(fd: number): { head: Uint8Array<ArrayBuffer>; length: number } {
  const length = fstatSync(fd).size
  return { head: readExactly(fd, new Uint8Array(Math.min(length, HEADER_BYTES)), 0), length }
}

/**
 * Reads what must lie in memory, into memory from `allocate`. A file that is too short or none of ours gives what there is of it: opening
 * says what is wrong. Throws DefinitionsError `truncated` or `malformed`, and what reading throws.
 */
export function readResident<Memory extends ArrayBufferLike>(
  fd: number,
  allocate: (bytes: number) => Uint8Array<Memory>,
): Uint8Array<Memory> {
  const { head, length: size } = readHeader(fd)
  const length = Math.min(size, residentLengthOf(head))
  if (length > RESIDENT_MAX_BYTES) {
    throw new DefinitionsError(
      'malformed',
      `The definitions want ${length} bytes of memory, more than ${RESIDENT_MAX_BYTES}; split the set.`,
    )
  }
  return readExactly(fd, allocate(length), 0)
}

/** What a header says of its resident part; all that there is when it says nothing that can be. */
function residentLengthOf(head: Uint8Array): number {
  if (head.length < HEADER_BYTES) return head.length
  const view = new DataView(head.buffer, head.byteOffset, head.length)
  return Math.max(HEADER_BYTES, view.getUint32(header.residentLength, true))
}

function readExactly<Memory extends ArrayBufferLike>(
  fd: number,
  into: Uint8Array<Memory>,
  offset: number,
): Uint8Array<Memory> {
  for (let filled = 0; filled < into.length; ) {
    const got = readSync(fd, into, filled, into.length - filled, offset + filled)
    if (got === 0) {
      throw new DefinitionsError(
        'truncated',
        `The definitions end after ${offset + filled} bytes, where more were read before; fetch them again.`,
      )
    }
    filled += got
  }
  return into
}
