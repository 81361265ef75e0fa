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
  /** A view of what was appended, valid for as long as nothing more is. */
  bytes(): Uint8Array
}

/** An empty buffer for at most `limit` bytes, `stated` of them expected; 0 when nothing is known. */
export function createContentBuffer(limit: number, stated: number): ContentBuffer {
  let buffer = new Uint8Array(Math.min(limit, stated > 0 ? stated : UNSTATED_CAPACITY))
  let length = 0
  return {
    get length() {
      return length
    },
    append(chunk) {
      const fitting = Math.min(chunk.length, limit - length)
      if (length + fitting > buffer.length) {
        const larger = new Uint8Array(Math.min(limit, Math.max(buffer.length * 2, length + fitting)))
        larger.set(buffer.subarray(0, length))
        buffer = larger
      }
      buffer.set(fitting === chunk.length ? chunk : chunk.subarray(0, fitting), length)
      length += fitting
      return fitting === chunk.length
    },
    bytes() {
      return buffer.subarray(0, length)
    },
  }
}
