/**
 * A window onto another source, for entries that lie in their container as they are (tar, stored zip entries): nothing
 * is copied, so such an entry may be of any size.
 */
import type { ByteSource } from '../byte-source.ts'

/**
 * The `length` bytes of `source` from `start`. The caller has checked that they lie inside it; offsets are in bytes.
 */
export function sliceSource(source: ByteSource, start: number, length: number): ByteSource {
  return {
    size: length,
    read(offset, count) {
      return source.read(start + offset, Math.max(0, Math.min(count, length - offset)))
    },
  }
}
