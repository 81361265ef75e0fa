/**
 * Growing buffers the compiler writes sections into: words in little-endian order, and pools of bytes in which equal
 * contents are stored once.
 */

/** Records of u32 words. */
export interface WordBuffer {
  /** Words so far. */
  readonly length: number
  push(...words: number[]): void
  /** What was pushed; good until more is. */
  words(): Uint32Array
  bytes(): Uint8Array
}

export function createWordBuffer(): WordBuffer {
  let words = new Uint32Array(1024)
  let length = 0
  return {
    get length() {
      return length
    },
    push(...added) {
      if (length + added.length > words.length) {
        const larger = new Uint32Array(Math.max(words.length * 2, length + added.length))
        larger.set(words)
        words = larger
      }
      words.set(added, length)
      length += added.length
    },
    words() {
      return words.subarray(0, length)
    },
    bytes() {
      return littleEndian(words.subarray(0, length))
    },
  }
}

/** Words as they are written, on every machine. */
export function littleEndian(words: Uint32Array): Uint8Array {
  const out = new Uint8Array(words.length * 4)
  const view = new DataView(out.buffer)
  words.forEach((word, index) => {
    view.setUint32(index * 4, word, true)
  })
  return out
}

/** Records that are stored once each, however many refer to them. */
export interface RecordPool {
  /** The index of a record that is, or now is, in the pool. */
  place(...words: number[]): number
  bytes(): Uint8Array
}

export function createRecordPool(): RecordPool {
  const records = createWordBuffer()
  const places = new Map<string, number>()
  return {
    place(...words) {
      const key = words.join()
      const known = places.get(key)
      if (known !== undefined) return known
      records.push(...words)
      places.set(key, places.size)
      return places.size - 1
    },
    bytes: () => records.bytes(),
  }
}

/** Byte strings, each stored once. */
export interface BytePool {
  /** The offset of a string that is, or now is, in the pool. */
  place(bytes: Uint8Array): number
  bytes(): Uint8Array
}

export function createBytePool(): BytePool {
  const places = new Map<string, number>()
  const chunks: Uint8Array[] = []
  let length = 0
  return {
    place(bytes) {
      const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
      const known = places.get(key)
      if (known !== undefined) return known
      const offset = length
      places.set(key, offset)
      chunks.push(bytes)
      length += bytes.length
      return offset
    },
    bytes() {
      return new Uint8Array(Buffer.concat(chunks))
    },
  }
}
