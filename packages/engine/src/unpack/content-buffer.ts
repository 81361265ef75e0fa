/**
 * The memory one decompressed content grows in. It starts at the size the container states, since honest containers
 * state it truly and untouched pages cost nothing, and doubles from there, up to its limit.
 */

/** Where nothing is stated. What states little is given little: a mail may have thousands of small parts. */
const UNSTATED_CAPACITY = 16 * 1024

export interface ContentBuffer {
  readonly length: number
  /** Appends what fits under the limit; false when some of the chunk did not. */
  append(chunk: Uint8Array): boolean
  /**
   * All of the memory, with room for `wanted` more bytes behind `length`, less only where the limit ends it. For decoders that write and
   * look back by themselves; it holds until the next call.
   */
  room(wanted: number): Uint8Array
  /** Counts bytes that were written into the room. */
  advance(count: number): void
  /** A view of what was appended, valid for as long as nothing more is. */
  bytes(): Uint8Array
}

/** An empty buffer for at most `limit` bytes, `stated` of them expected; 0 when nothing is known. */
export function createContentBuffer(limit: number, stated: number): ContentBuffer {
  let buffer = new Uint8Array(Math.min(limit, stated > 0 ? stated : UNSTATED_CAPACITY))
  let length = 0
  const room = (wanted: number) => {
    const needed = Math.min(limit, length + wanted)
    if (needed > buffer.length) {
      const larger = new Uint8Array(Math.min(limit, Math.max(buffer.length * 2, needed)))
      larger.set(buffer.subarray(0, length))
      buffer = larger
    }
    return buffer
  }
  return {
    get length() {
      return length
    },
    append(chunk) {
      const fitting = Math.min(chunk.length, limit - length)
      room(fitting).set(fitting === chunk.length ? chunk : chunk.subarray(0, fitting), length)
      length += fitting
      return fitting === chunk.length
    },
    room,
    advance(count) {
      length += count
    },
    bytes() {
      return buffer.subarray(0, length)
    },
  }
}
