/**
 * An ELF file's structure, both classes and byte orders (ELF gABI, "ELF Header", "Section Header", "Program Header"), with
 * the bounds of stock ClamAV, measured in elf-stock.test.ts.
 */
import type { ByteSource } from '../byte-source.ts'
import type { Executable, ExecutableSection } from './executable.ts'
import { readFields } from './fields.ts'
import { hashSection } from './section-hash.ts'

/** ClamAV takes offsets from no file with more. */
const MOST_SEGMENTS = 128
const MOST_SECTIONS = 256

/** Where the fields of each class stand; addresses and offsets are 4 or 8 bytes wide. */
const classes = {
  1: { wide: false, header: 52, segment: 32, section: 40, counts: 42, at: [24, 28, 32], place: [8, 4, 20] },
  2: { wide: true, header: 64, segment: 56, section: 64, counts: 54, at: [24, 32, 40], place: [16, 8, 40] },
} as const

type ElfClass = (typeof classes)[1 | 2]

/** The fields of a record, read in the file's own byte order. */
interface Record {
  half(at: number): number
  /** An address, offset or size. Wider than a number: the kernel's addresses use all 64 bits. */
  wide(at: number): bigint
}

/** The structure, or nothing when the header is not that of an ELF file. */
export function readElf(source: ByteSource): Executable | undefined {
  const start = readFields(source, 0, 16)
  if (start?.getUint32(0) !== 0x7f454c46) return undefined
  const [kind, order] = [start.getUint8(4), start.getUint8(5)]
  if ((kind !== 1 && kind !== 2) || (order !== 1 && order !== 2)) return undefined
  const elf = classes[kind]
  const read = (offset: bigint | number, length: number): Record | undefined =>
    offset > source.size ? undefined : record(readFields(source, Number(offset), length), elf, order === 1)
  const header = read(0, elf.header)
  if (header === undefined) return undefined
  const entry = readEntryPoint(header, elf, read)
  const table = readSections(header, elf, source.size, read)
  const sections = typeof table === 'string' ? [] : table
  return {
    format: 'elf',
    entryPoint: typeof entry === 'bigint' ? Number(BigInt.asUintN(32, entry)) : undefined,
    sections,
    damage: typeof entry === 'string' ? entry : typeof table === 'string' ? table : undefined,
    sectionHash: (index, algorithm) => hashSection(source, sections[index], algorithm),
    versionStrings: () => [],
    iconPlaces: () => [],
    importHash: () => undefined,
  }
}

type ReadRecord = (offset: bigint | number, length: number) => Record | undefined

/** The entry point's offset, by the first segment of any type that holds it in memory; or what is wrong. */
function readEntryPoint(header: Record, elf: ElfClass, read: ReadRecord): bigint | string {
  const entry = header.wide(elf.at[0])
  const table = header.wide(elf.at[1])
  const count = header.half(elf.counts + 2)
  if (count > MOST_SEGMENTS) return `it states ${count} segments`
  // Without segments or an entry, as in an object file, the file begins at its beginning, for ClamAV too.
  if (count === 0 || entry === 0n) return 0n
  if (header.half(elf.counts) !== elf.segment) return 'its segment headers are not of their size'
  let offset: bigint | undefined
  for (let index = 0; index < count; index += 1) {
    const segment = read(table + BigInt(index * elf.segment), elf.segment)
    if (segment === undefined) return 'its segment headers are cut'
    const address = segment.wide(elf.place[0])
    if (offset === undefined && entry >= address && entry - address < segment.wide(elf.place[2])) {
      offset = entry - address + segment.wide(elf.place[1])
    }
  }
  return offset ?? 'no segment holds the entry point'
}

/** All rows of the section table, the empty first one too; or what is wrong. */
function readSections(
  header: Record,
  elf: ElfClass,
  fileSize: number,
  read: ReadRecord,
): ExecutableSection[] | string {
  const table = header.wide(elf.at[2])
  const count = header.half(elf.counts + 6)
  if (count === 0) return []
  if (count > MOST_SECTIONS) return `it states ${count} sections`
  if (header.half(elf.counts + 4) !== elf.section) return 'its section headers are not of their size'
  const sections: ExecutableSection[] = []
  for (let index = 0; index < count; index += 1) {
    const row = read(table + BigInt(index * elf.section), elf.section)
    if (row === undefined) return 'its section headers are cut'
    const at = elf.wide ? 24 : 16
    const offset = Math.min(Number(row.wide(at)), Number.MAX_SAFE_INTEGER)
    const size = Number(row.wide(at + (elf.wide ? 8 : 4)))
    sections.push({ offset, size: Math.max(0, Math.min(size, fileSize - offset)) })
  }
  return sections
}

function record(view: DataView | undefined, { wide }: ElfClass, little: boolean): Record | undefined {
  if (view === undefined) return undefined
  return {
    half: (at) => view.getUint16(at, little),
    wide: (at) => (wide ? view.getBigUint64(at, little) : BigInt(view.getUint32(at, little))),
  }
}
