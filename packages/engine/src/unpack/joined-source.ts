/**
 * Several sources after one another as one: a header that was made, before bytes that lie elsewhere.
 */
import type { ByteSource } from '../byte-source.ts'

/** The sources in order; nothing is copied but what one read takes from two of them. */
export function joinedSource(sources: readonly ByteSource[]): ByteSource {
  let size = 0
  const placed = sources.map((source) => {
    const start = size
    size += source.size
    return { source, start }
  })
  return {
    size,
    read(offset, length) {
      const end = Math.min(size, offset + length)
      const touched = placed.filter(({ source, start }) => start < end && start + source.size > offset)
      const pieces = touched.map(({ source, start }) => {
        const from = Math.max(offset - start, 0)
        return { source, from, count: Math.min(end - start, source.size) - from }
      })
      const [first] = pieces
      if (first === undefined) return new Uint8Array(0)
      if (pieces.length === 1) return first.source.read(first.from, first.count)
      return Buffer.concat(pieces.map(({ source, from, count }) => Buffer.from(source.read(from, count))))
    },
  }
}
