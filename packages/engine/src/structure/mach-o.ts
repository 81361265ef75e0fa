/**
 * The structure of a Mach-O file for one processor, 32 and 64 bits, both byte orders (Apple's "Mach-O File Format
 * Reference": mach_header, segment_command, section, thread_command), with the bounds of stock ClamAV, measured in
 * mach-o-stock.test.ts. ClamAV knows the entry point of PowerPC programs only and takes the beginning of the file for it
 * in all others; so does this, because no signature could have been made with any other place.
 */
import type { ByteSource } from '../byte-source.ts'
import type { Executable, ExecutableSection } from './executable.ts'
import { readFields } from './fields.ts'
import { hashSection } from './section-hash.ts'

const LC_SEGMENT = 0x1
const LC_UNIXTHREAD = 0x5
const LC_SEGMENT_64 = 0x19
const COMMAND_BYTES = 8
/** Without the 64-bit flag, which stands in the uppermost byte. */
const POWERPC = 18
/** ClamAV takes offsets from no file with more. */
const MOST_COMMANDS = 1024
const MOST_SECTIONS_OF_SEGMENT = 255
/** A bound of our own: what 1,024 commands could state would fill 60 MB. Honest programs have some dozens. */
const MOST_SECTIONS = 4096

interface MachOSection extends ExecutableSection {
  readonly address: bigint
  readonly memorySize: bigint
}

/** How a file's numbers are read. */
interface Format {
  readonly little: boolean
  readonly wide: boolean
}

const magics: ReadonlyMap<number, Format> = new Map([
  [0xfeedface, { little: false, wide: false }],
  [0xfeedfacf, { little: false, wide: true }],
  [0xcefaedfe, { little: true, wide: false }],
  [0xcffaedfe, { little: true, wide: true }],
])

/** The structure, or nothing when the header is not that of a Mach-O file. A file for several processors is none. */
export function readMachO(source: ByteSource): Executable | undefined {
  const header = readFields(source, 0, 28)
  const format = header && magics.get(header.getUint32(0))
  if (header === undefined || format === undefined) return undefined
  const processor = header.getUint32(4, format.little) & 0xffffff
  const commands = readCommands(source, format, header.getUint32(16, format.little), processor === POWERPC)
  const { sections, entry } = commands
  const entryPoint = entry === undefined ? 0 : offsetOf(entry, sections)
  return {
    format: 'mach-o',
    entryPoint,
    sections,
    damage: commands.damage ?? (entryPoint === undefined ? 'no section holds the entry point' : undefined),
    sectionHash: (index, algorithm) => hashSection(source, sections[index], algorithm),
    versionStrings: () => [],
    iconPlaces: () => [],
    importHash: () => undefined,
  }
}

interface Commands {
  readonly sections: readonly MachOSection[]
  /** The address in a PowerPC program's thread command. */
  readonly entry?: bigint
  readonly damage?: string
}

/** Walks the load commands. A segment's length follows from its sections, whatever it states. */
function readCommands(source: ByteSource, format: Format, count: number, powerPc: boolean): Commands {
  const sections: MachOSection[] = []
  let entry: bigint | undefined
  const end = (damage?: string): Commands => ({
    sections,
    ...(entry === undefined ? {} : { entry }),
    ...(damage === undefined ? {} : { damage }),
  })
  if (count === 0 || count > MOST_COMMANDS) return end(`it states ${count} load commands`)
  let at = format.wide ? 32 : 28
  for (let index = 0; index < count; index += 1) {
    const command = readFields(source, at, COMMAND_BYTES)
    if (command === undefined) return end('its load commands are cut')
    const kind = command.getUint32(0, format.little)
    const length = command.getUint32(4, format.little)
    if (kind === (format.wide ? LC_SEGMENT_64 : LC_SEGMENT)) {
      const segment = readSegment(source, at + COMMAND_BYTES, format)
      if (typeof segment === 'string') return end(segment)
      sections.push(...segment.sections)
      if (sections.length > MOST_SECTIONS) return end(`it states more than ${MOST_SECTIONS} sections`)
      at = segment.end
      continue
    }
    if (length < COMMAND_BYTES) return end('a load command is shorter than its head')
    if (kind === LC_UNIXTHREAD && powerPc) {
      // The first register is the one that holds the next instruction; flavor and count stand before it.
      const thread = readFields(source, at + 16, format.wide ? 8 : 4)
      if (thread === undefined) return end('its thread is cut')
      entry = address(thread, 0, format)
    }
    at += length
  }
  return end()
}

/** A segment's sections and where they end; or what is wrong. */
function readSegment(
  source: ByteSource,
  start: number,
  format: Format,
): { readonly sections: readonly MachOSection[]; readonly end: number } | string {
  const segmentBytes = format.wide ? 64 : 48
  const sectionBytes = format.wide ? 80 : 68
  const segment = readFields(source, start, segmentBytes)
  if (segment === undefined) return 'a segment is cut'
  const count = segment.getUint32(segmentBytes - 8, format.little)
  if (count > MOST_SECTIONS_OF_SEGMENT) return `a segment states ${count} sections`
  const table = readFields(source, start + segmentBytes, count * sectionBytes)
  if (table === undefined) return 'a section is cut'
  const width = format.wide ? 8 : 4
  const sections: MachOSection[] = []
  for (let at = 0; at < table.byteLength; at += sectionBytes) {
    const memorySize = address(table, at + 32 + width, format)
    const offset = table.getUint32(at + 32 + 2 * width, format.little)
    const exponent = table.getUint32(at + 36 + 2 * width, format.little)
    if (exponent > 31) return 'a section has an alignment beyond 31'
    const alignment = 2 ** exponent
    const size = Math.ceil(Number(memorySize) / alignment) * alignment
    sections.push({
      address: address(table, at + 32, format),
      memorySize,
      offset,
      size: Math.max(0, Math.min(size, source.size - offset)),
    })
  }
  return { sections, end: start + segmentBytes + table.byteLength }
}

function offsetOf(entry: bigint, sections: readonly MachOSection[]): number | undefined {
  const section = sections.find(({ address, memorySize }) => entry >= address && entry - address < memorySize)
  return section && Number(BigInt.asUintN(32, entry - section.address + BigInt(section.offset)))
}

/** Wider than a number may be. */
function address(view: DataView, at: number, { wide, little }: Format): bigint {
  return wide ? view.getBigUint64(at, little) : BigInt(view.getUint32(at, little))
}
