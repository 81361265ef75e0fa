/** The text of a signature file on the disk, read piece by piece and never whole. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { SignatureText } from './parse/line.ts'

/** Some ten thousand lines: few reads, and little to hold. */
const PIECE_BYTES = 1024 * 1024

/** The text of the file at `path`, read each time that it is asked for; reading throws what the disk says. */
export function fileText(path: string): SignatureText {
  return function* () {
    const fd = openSync(path, 'r')
    try {
      for (;;) {
        const piece = Buffer.allocUnsafe(PIECE_BYTES)
        const length = readSync(fd, piece)
        if (length === 0) return
        yield piece.subarray(0, length)
      }
    } finally {
      closeSync(fd)
    }
  }
}
