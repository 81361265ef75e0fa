/**
 * Paths as strings that hold any bytes. Linux names are bytes; what is not UTF-8 becomes lone surrogates U+DC80 to U+DCFF (the
 * scheme of Python's PEP 383), so a path survives being a string, a JSON text and bytes again. JSON.stringify keeps lone
 * surrogates as escapes; SQLite, files and sockets written as UTF-8 do not: use `displayPath` for those.
 */
import { isUtf8 } from 'node:buffer'

/** The bytes of a path as a string that `pathToBytes` turns back into the same bytes. */
export function pathFromBytes(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  let path = ''
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at)
    if (length === 0) {
      path += String.fromCharCode(0xdc00 + (bytes[at] as number))
      at += 1
    } else {
      path += Buffer.from(bytes.subarray(at, at + length)).toString('utf8')
      at += length
    }
  }
  return path
}

/** The bytes that a path string stands for. */
export function pathToBytes(path: string): Buffer {
  if (path.isWellFormed()) return Buffer.from(path, 'utf8')
  const parts: Buffer[] = []
  for (const piece of path) {
    const unit = piece.length === 1 ? piece.charCodeAt(0) : 0
    parts.push(unit >= 0xdc80 && unit <= 0xdcff ? Buffer.of(unit - 0xdc00) : Buffer.from(piece, 'utf8'))
  }
  return Buffer.concat(parts)
}

/** A path for people and for the wire: bytes that are not UTF-8 as `%XX`. Not to be turned back. */
export function displayPath(path: string): string {
  if (path.isWellFormed()) return path
  let text = ''
  for (const piece of path) {
    const unit = piece.length === 1 ? piece.charCodeAt(0) : 0
    if (unit >= 0xdc80 && unit <= 0xdcff) text += `%${(unit - 0xdc00).toString(16).toUpperCase()}`
    else text += piece.toWellFormed()
  }
  return text
}

/** How many bytes the well-formed UTF-8 sequence at `at` has; 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  const end = at + length
  return end <= bytes.length && isUtf8(bytes.subarray(at, end)) ? length : 0
}
