/**
 * Text of two bytes a character. ClamAV takes for text, the higher byte first, whatever holds no control character near its beginning;
 * zeros that are halves of characters fall away.
 */
import { type ByteSource, bytesSource } from '../byte-source.ts'

/** How far ClamAV looks. */
const HEAD_BYTES = 1024

/** BEL to LF, FF, CR and ESC stand in texts; the other control characters, DEL among them, do not. */
function isControl(byte: number): boolean {
  return byte < 7 || byte === 11 || (byte > 13 && byte < 32 && byte !== 27) || byte === 127
}

/** Whether a control character stands at an even place, other than the first, near the beginning: then a content is not text. */
export function hasControlUnit(source: ByteSource): boolean {
  const head = source.read(0, Math.min(HEAD_BYTES, source.size))
  for (let at = 2; at + 1 < head.length; at += 2) {
    if (head[at] === 0 && isControl(head[at + 1] as number)) return true
  }
  return false
}

const BLOCK_BYTES = 256 * 1024

/** Whether there are zeros near its beginning. */
export function isWide(source: ByteSource): boolean {
  return source.read(0, Math.min(HEAD_BYTES, source.size)).includes(0)
}

/** The text without zeros: the source itself when there are none near its beginning, else a copy. */
export function withoutZeros(source: ByteSource, check: () => void): ByteSource {
  if (!isWide(source)) return source
  const bytes = new Uint8Array(source.size)
  let length = 0
  for (let at = 0; at < source.size; at += BLOCK_BYTES) {
    check()
    for (const byte of source.read(at, Math.min(BLOCK_BYTES, source.size - at))) {
      bytes[length] = byte
      if (byte !== 0) length += 1
    }
  }
  return bytesSource(bytes.subarray(0, length))
}
