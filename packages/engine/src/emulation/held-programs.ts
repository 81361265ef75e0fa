/**
 * Programs within unpacked memory: PE files that stand somewhere in it, as droppers carry them. In memory nothing tells where one ends but its own
 * section table, to whose size it is cut.
 */
import { bytesSource } from '../byte-source.ts'
import { readFields } from '../structure/fields.ts'
import { readPeHeader, statedPeOffset } from '../structure/pe-header.ts'

const MARK = Buffer.from('MZ', 'latin1')
/** Farther from its start no program has its header. It keeps what a mark by chance costs small. */
const HEADER_OFFSET_MAX = 0x10000
const SECTION_BYTES = 40
/** i386, x86-64, ARM in three forms, and Itanium (PE format, "Machine Types"). */
const MACHINES: ReadonlySet<number> = new Set([0x14c, 0x8664, 0x1c0, 0x1c4, 0xaa64, 0x200])

export interface HeldProgram {
  readonly offset: number
  readonly bytes: Uint8Array
}

/** The programs behind the first byte, none of them within another; views of the memory. `check` is asked for each mark. */
export function* heldPrograms(memory: Uint8Array, check: () => void): Generator<HeldProgram> {
  const bytes = Buffer.from(memory.buffer, memory.byteOffset, memory.byteLength)
  for (let at = bytes.indexOf(MARK, 1); at !== -1; ) {
    check()
    const rest = memory.subarray(at)
    const size = programSize(rest)
    if (size > 0) yield { offset: at, bytes: rest.subarray(0, size) }
    at = bytes.indexOf(MARK, at + Math.max(size, 1))
  }
}

/** The bytes of a program by its headers, as far as the memory has them; 0 when it is none. */
function programSize(memory: Uint8Array): number {
  const rest = bytesSource(memory)
  const signature = statedPeOffset(rest)
  if (signature === undefined || signature > HEADER_OFFSET_MAX) return 0
  const header = readPeHeader(rest)
  const coff = readFields(rest, signature + 4, 20)
  if (header === undefined || coff === undefined || !MACHINES.has(coff.getUint16(0, true))) return 0
  const table = header.optionalOffset + coff.getUint16(16, true)
  // Stated sizes of headers are often more than there is: the table is what there must be.
  let end = table + SECTION_BYTES * header.rows.length
  for (const { rawPointer, rawSize } of header.rows) {
    const start = rawPointer - (rawPointer % 0x200)
    if (rawSize > 0) end = Math.max(end, start + rawSize)
  }
  return Math.min(end, rest.size)
}
