/** Where some bytes stand in a content, read block by block. */
import type { ByteSource } from '../byte-source.ts'

const BLOCK_BYTES = 64 * 1024

/** The first place at or behind `from`; -1 where there is none. `check` is called for each block. */
export function placeOfBytes(source: ByteSource, bytes: Uint8Array, from: number, check: () => void): number {
  for (let at = from; at + bytes.length <= source.size; at += BLOCK_BYTES) {
    check()
    const view = source.read(at, BLOCK_BYTES + bytes.length - 1)
    const place = Buffer.from(view.buffer, view.byteOffset, view.length).indexOf(bytes)
    if (place !== -1) return at + place
  }
  return -1
}
