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

/**
 * An open file of `size` bytes, as fstat told when the scan began (asked here when not given). Reads at positions, so
 * the descriptor's own position does not matter and stays as it is; the descriptor is not closed.
 */
export function descriptorSource(fd: number, size: number = fstatSync(fd).size): ByteSource {
  let buffer = new Uint8Array(0)
  return {
    size,
    read(offset, length) {
      const wanted = Math.max(0, Math.min(length, size - offset))
      if (buffer.length < wanted) buffer = new Uint8Array(wanted)
      for (let filled = 0; filled < wanted; ) {
        const got = readSync(fd, buffer, filled, wanted - filled, offset + filled)
        if (got === 0) {
          throw new ByteSourceError(
            'shrunk',
            `The file ended at ${offset + filled} bytes though it was ${size} long when its scan began; scan it again.`,
          )
        }
        filled += got
      }
      // Only who reads the end can see that there is more behind it.
      if (wanted > 0 && offset + wanted === size && readSync(fd, new Uint8Array(1), 0, 1, size) > 0) {
        throw new ByteSourceError(
          'grown',
          `The file is longer than the ${size} bytes it had when its scan began; scan it again.`,
        )
      }
      return buffer.subarray(0, wanted)
    },
  }
}
