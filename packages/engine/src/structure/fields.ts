/**
 * Fixed records out of a source, copied because a source's own view lasts only until the next read.
 */
import type { ByteSource } from '../byte-source.ts'

/** The `length` bytes at `offset`; nothing when the content does not hold them all. The caller bounds `length`. */
export function readFields(source: ByteSource, offset: number, length: number): DataView | undefined {
  // Neither holds of what is no number.
  if (!(offset >= 0 && offset + length <= source.size)) return undefined
  return new DataView(Uint8Array.from(source.read(offset, length)).buffer)
}
