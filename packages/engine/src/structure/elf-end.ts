/**
 * Where an ELF file ends by its own headers (ELF gABI, "ELF Header", "Program Header"): behind its segments and its table of sections, which is
 * what linkers write last. Bytes behind that are no part of the program.
 */
import type { ByteSource } from '../byte-source.ts'
import { readFields } from './fields.ts'

const HEADER_BYTES = 64
const NARROW_HEADER_BYTES = 52
const MOST_SEGMENTS = 128

/** The end; nothing where there is no header. */
export function elfEnd(source: ByteSource): number | undefined {
  const header = readFields(source, 0, HEADER_BYTES)
  if (header === undefined) return undefined
  const isWide = header.getUint8(4) === 2
  const isLittle = header.getUint8(5) === 1
  const word = (fields: DataView, at: number) =>
    isWide ? Number(fields.getBigUint64(at, isLittle)) : fields.getUint32(at, isLittle)
  const half = (at: number) => header.getUint16(at, isLittle)
  const counts = isWide ? 54 : 42
  const sections = word(header, isWide ? 40 : 32)
  let end = sections === 0 ? 0 : sections + half(counts + 4) * half(counts + 6)
  const segments = word(header, isWide ? 32 : 28)
  const segmentBytes = half(counts)
  const [place, size] = isWide ? [8, 32] : [4, 16]
  for (let index = 0; index < Math.min(half(counts + 2), MOST_SEGMENTS); index += 1) {
    const segment = readFields(source, segments + index * segmentBytes, isWide ? 56 : 32)
    if (segment === undefined) break
    end = Math.max(end, word(segment, place as number) + word(segment, size as number))
  }
  return Math.max(end, isWide ? HEADER_BYTES : NARROW_HEADER_BYTES)
}
