/**
 * The compression of macros ([MS-OVBA], section 2.4.1): chunks of up to 4 KiB, each with copies from its own beginning. What is damaged is
 * decompressed as far as it goes.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { createContentBuffer } from './content-buffer.ts'
import { type Decoded, settleDecoded } from './decoded.ts'

const CONTAINER = 1
const HEADER_BYTES = 2
/** Bytes of a chunk beside what its header says (section 2.4.1.1.5), and the three bits that every header has. */
const SIZE_OFFSET = 3
const SIGNATURE = 3
const CHUNK_BYTES = 4096

/** Whether a compressed container may begin with these three bytes. */
export function beginsContainer(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === CONTAINER && (((bytes[at + 2] ?? 0) >>> 4) & 7) === SIGNATURE
}

/** What the container at `start` holds, to its first chunk that is none. Throws the budget's errors and failed reads. */
export function decompressVba(source: ByteSource, start: number, budget: Budget): Decoded {
  const { heldBytes } = budget
  const buffer = createContentBuffer(heldBytes, Math.min(4 * source.size, heldBytes))
  const chunk = new Uint8Array(CHUNK_BYTES)
  let fits = true
  for (let at = start + 1; fits && at + HEADER_BYTES < source.size; ) {
    budget.check()
    const view = source.read(at, Math.min(CHUNK_BYTES + SIZE_OFFSET, source.size - at))
    const header = (view[0] as number) | ((view[1] as number) << 8)
    if (((header >>> 12) & 7) !== SIGNATURE) break
    const size = (header & 0xfff) + SIZE_OFFSET
    const data = view.subarray(HEADER_BYTES, size)
    if (header >>> 15 === 0) {
      // A chunk as it lies is always whole; what its size says is of no weight.
      const plain = view.subarray(HEADER_BYTES, HEADER_BYTES + CHUNK_BYTES)
      fits = buffer.append(plain)
      at += HEADER_BYTES + CHUNK_BYTES
    } else {
      fits = buffer.append(chunk.subarray(0, decompressChunk(data, chunk)))
      at += size
    }
  }
  return settleDecoded(buffer, fits, budget)
}

/** Decompresses one chunk (section 2.4.1.3.2 to 2.4.1.3.5) and says how many bytes came out. */
function decompressChunk(data: Uint8Array, chunk: Uint8Array): number {
  let length = 0
  let at = 0
  while (at < data.length) {
    const flags = data[at++] as number
    for (let bit = 0; bit < 8 && at < data.length; bit += 1) {
      if (length >= CHUNK_BYTES) return length
      if ((flags & (1 << bit)) === 0) {
        chunk[length++] = data[at++] as number
        continue
      }
      if (at + 1 >= data.length) return length
      const token = (data[at] as number) | ((data[at + 1] as number) << 8)
      at += 2
      // Of the 16 bits as many are the distance as the bytes so far need, 4 at least (section 2.4.1.3.19.1).
      const distanceBits = Math.max(4, 32 - Math.clz32(Math.max(length - 1, 0)))
      const count = (token & (0xffff >>> distanceBits)) + SIZE_OFFSET
      const from = length - ((token >>> (16 - distanceBits)) + 1)
      if (from < 0) return length
      for (let index = 0; index < count && length < CHUNK_BYTES; index += 1)
        chunk[length++] = chunk[from + index] as number
    }
  }
  return length
}
