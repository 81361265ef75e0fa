/**
 * Small ELF files for tests, of both classes and byte orders, honest or not (ELF gABI, "ELF Header", "Section Header",
 * "Program Header"). Never imported by production code.
 */

export interface ElfSegmentItem {
  /** 1 is a loadable segment. */
  readonly type?: number
  readonly address: number
  readonly offset: number
  readonly fileSize: number
  readonly memorySize?: number
}

export interface ElfSectionItem {
  /** 0 is no section, 8 one without bytes in the file. */
  readonly type?: number
  readonly address?: number
  readonly offset: number
  readonly size: number
}

export interface ElfItem {
  readonly wide?: boolean
  readonly bigEndian?: boolean
  /** 1 relocatable, 2 executable, 3 shared. */
  readonly type?: number
  readonly entry?: number
  readonly segments?: readonly ElfSegmentItem[]
  readonly sections?: readonly ElfSectionItem[]
  readonly segmentCount?: number
  readonly sectionCount?: number
  readonly segmentBytes?: number
  readonly sectionBytes?: number
  readonly segmentTable?: number
  readonly sectionTable?: number
  /** What the file holds where nothing else is put. */
  readonly background?: Uint8Array
}

/** The file the item describes; its tables stand behind the header, segments first, unless the item places them. */
export function makeElf(item: ElfItem): Buffer {
  const { wide = false, bigEndian = false, segments = [], sections = [] } = item
  const headerBytes = wide ? 64 : 52
  const segmentBytes = wide ? 56 : 32
  const sectionBytes = wide ? 64 : 40
  const segmentTable = item.segmentTable ?? (segments.length > 0 ? headerBytes : 0)
  const sectionTable =
    item.sectionTable ?? (sections.length > 0 ? headerBytes + segments.length * segmentBytes : 0)
  const background = item.background ?? Buffer.alloc(0)
  const end = Math.max(
    headerBytes,
    segmentTable + segments.length * segmentBytes,
    sectionTable + sections.length * sectionBytes,
    background.length,
  )
  const bytes = Buffer.alloc(end)
  bytes.set(background)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const little = !bigEndian
  const record = (start: number) => {
    let at = start
    const field = (width: number) => (value: number) => {
      if (width === 2) view.setUint16(at, value, little)
      else if (width === 4) view.setUint32(at, value, little)
      else view.setBigUint64(at, BigInt(value), little)
      at += width
    }
    return { half: field(2), word: field(4), address: field(wide ? 8 : 4) }
  }
  bytes.fill(0, 0, headerBytes)
  bytes.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, bigEndian ? 2 : 1, 1])
  const { half, word, address } = record(16)
  half(item.type ?? 2)
  half(wide ? 62 : 3)
  word(1)
  for (const value of [item.entry ?? 0, segmentTable, sectionTable]) address(value)
  word(0)
  half(headerBytes)
  half(item.segmentBytes ?? segmentBytes)
  half(item.segmentCount ?? segments.length)
  half(item.sectionBytes ?? sectionBytes)
  half(item.sectionCount ?? sections.length)
  half(0)
  segments.forEach(({ type = 1, offset, address: at, fileSize, memorySize = fileSize }, index) => {
    const { word, address } = record(segmentTable + index * segmentBytes)
    word(type)
    if (wide) word(5)
    for (const value of [offset, at, at, fileSize, memorySize]) address(value)
    if (!wide) word(5)
    address(0x1000)
  })
  sections.forEach(({ type = 1, offset, address: at = 0, size }, index) => {
    const { word, address } = record(sectionTable + index * sectionBytes)
    word(0)
    word(type)
    for (const value of [0, at, offset, size]) address(value)
    word(0)
    word(0)
    address(1)
    address(0)
  })
  return bytes
}
