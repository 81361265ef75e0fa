/**
 * Where the matcher and the unpackers get their bytes: a size that is fixed when the scan begins, and reads within it.
 * A source never opens or closes anything, and never answers with fewer bytes than it was asked for.
 */
import { fstatSync, readSync } from 'node:fs'

/**
 * Random access to one content. Offsets and lengths are in bytes.
 */
export interface ByteSource {
  readonly size: number
  /**
   * The bytes from `offset`, `length` of them, less only where the content ends (none from its end on).
   * The view is the source's own and holds until the next read: copy what must last, write nothing into it.
   * Throws ByteSourceError when the content is no longer the size it was, and the system's error when a read fails.
   */
  read(offset: number, length: number): Uint8Array
}

export type ByteSourceErrorCode = 'shrunk' | 'grown'

/** The content changed its size under the reader: what was read is not one state of it. */
export class ByteSourceError extends Error {
  override readonly name = 'ByteSourceError'
  readonly code: ByteSourceErrorCode

  constructor(code: ByteSourceErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** A content that is in memory. The bytes must not change while it is used. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read(offset, length) {
      return bytes.subarray(offset, offset + length)
    },
  }
}

/** Memory to read into, which may be used for one source after another. */
export interface ReadBuffer {
  bytes: Uint8Array
}

/**
 * A file of up to so many bytes is read once, whole, and then served from memory: most files are, and each read of a file costs more
 * than its bytes do. It is what the matcher reads at a time.
 */
const WHOLE_BYTES = 256 * 1024

/** Memory for `descriptorSource`. */
export function createReadBuffer(): ReadBuffer {
  return { bytes: new Uint8Array(WHOLE_BYTES + 1) }
}

/**
 * An open file of `size` bytes, as fstat told when the scan began (asked here when not given). Reads at positions, so
 * the descriptor's own position does not matter and stays as it is; the descriptor is not closed. While the source is used,
 * `buffer` belongs to it.
 */
export function descriptorSource(
  fd: number,
  size: number = fstatSync(fd).size,
  buffer: ReadBuffer = { bytes: new Uint8Array(0) },
): ByteSource {
  let isWhole = false
  return {
    size,
    read(offset, length) {
      const wanted = Math.max(0, Math.min(length, size - offset))
      if (size > WHOLE_BYTES) return readInto(buffer, fd, size, offset, wanted)
      if (!isWhole && wanted > 0) readInto(buffer, fd, size, 0, size)
      isWhole ||= wanted > 0
      return buffer.bytes.subarray(offset, offset + wanted)
    },
  }
}

/** Reads exactly `wanted` bytes, and at the file's end one more, to see that there is none. */
function readInto(buffer: ReadBuffer, fd: number, size: number, offset: number, wanted: number): Uint8Array {
  if (buffer.bytes.length <= wanted) buffer.bytes = new Uint8Array(wanted + 1)
  const { bytes } = buffer
  const atEnd = wanted > 0 && offset + wanted === size
  let filled = 0
  while (filled < wanted) {
    const got = readSync(fd, bytes, filled, wanted - filled + (atEnd ? 1 : 0), offset + filled)
    if (got === 0) {
      throw new ByteSourceError(
        'shrunk',
        `The file ended at ${offset + filled} bytes though it was ${size} long when its scan began; scan it again.`,
      )
    }
    filled += got
  }
  // Only who reads the end can see that there is more behind it; a read that ended exactly there has not looked.
  if (filled > wanted || (atEnd && readSync(fd, bytes, wanted, 1, size) > 0)) {
    throw new ByteSourceError(
      'grown',
      `The file is longer than the ${size} bytes it had when its scan began; scan it again.`,
    )
  }
  return bytes.subarray(0, wanted)
}
