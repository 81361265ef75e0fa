/**
 * Small PE files for tests, honest or not: every field that a reader must not believe can be given any value (PE format,
 * "MS-DOS Stub" to "Section Table", and "The .idata Section"). Never imported by production code.
 */

export interface PeSectionItem {
  readonly rva: number
  readonly virtualSize: number
  readonly rawPointer: number
  readonly rawSize: number
  /** Code that can be read, written and run, unless given. */
  readonly flags?: number
  /** Put at `rawPointer`; the file grows to hold it. */
  readonly data?: Uint8Array
}

export interface PeItem {
  /** PE32+ in place of PE32. */
  readonly plus?: boolean
  readonly headerOffset?: number
  readonly sectionAlignment?: number
  readonly fileAlignment?: number
  readonly headerBytes?: number
  /** The entry point's RVA. */
  readonly entry?: number
  /** Where it wants to be loaded. */
  readonly imageBase?: number
  readonly sections: readonly PeSectionItem[]
  readonly sectionCount?: number
  readonly optionalHeaderBytes?: number
  /** Data directories by number: 1 imports, 2 resources. */
  readonly directories?: Readonly<Record<number, readonly [rva: number, size: number]>>
  readonly directoryCount?: number
  /** What the file holds where nothing else is put, and thereby its least size. */
  readonly background?: Uint8Array
}

/** The file the item describes. */
export function makePe(item: PeItem): Buffer {
  const { plus = false, headerOffset = 0x80, sections } = item
  const optionalBytes = plus ? 240 : 224
  const tableOffset = headerOffset + 24 + (item.optionalHeaderBytes ?? optionalBytes)
  const ends = sections.map(({ rawPointer, data }) => (data === undefined ? 0 : rawPointer + data.length))
  const tableEnd = tableOffset + sections.length * 40
  const background = item.background ?? Buffer.alloc(0)
  const bytes = Buffer.alloc(
    Math.max(tableEnd, headerOffset + 24 + optionalBytes, background.length, ...ends),
  )
  bytes.set(background)
  bytes.fill(0, headerOffset, Math.max(tableEnd, headerOffset + 24 + optionalBytes))
  for (const { rawPointer, data } of sections) if (data !== undefined) bytes.set(data, rawPointer)
  bytes.write('MZ', 'latin1')
  bytes.writeUInt32LE(headerOffset, 0x3c)
  bytes.write('PE\0\0', headerOffset, 'latin1')
  bytes.writeUInt16LE(plus ? 0x8664 : 0x14c, headerOffset + 4)
  bytes.writeUInt16LE(item.sectionCount ?? sections.length, headerOffset + 6)
  bytes.writeUInt16LE(item.optionalHeaderBytes ?? optionalBytes, headerOffset + 20)
  bytes.writeUInt16LE(0x102, headerOffset + 22)
  const optional = headerOffset + 24
  bytes.writeUInt16LE(plus ? 0x20b : 0x10b, optional)
  bytes.writeUInt32LE(item.entry ?? 0x1000, optional + 16)
  if (!plus) bytes.writeUInt32LE(item.imageBase ?? 0, optional + 28)
  bytes.writeUInt32LE(item.sectionAlignment ?? 0x1000, optional + 32)
  bytes.writeUInt32LE(item.fileAlignment ?? 0x200, optional + 36)
  bytes.writeUInt16LE(4, optional + 40)
  bytes.writeUInt16LE(4, optional + 48)
  bytes.writeUInt32LE(0x10000, optional + 56)
  bytes.writeUInt32LE(item.headerBytes ?? 0x400, optional + 60)
  bytes.writeUInt16LE(3, optional + 68)
  const directories = optional + (plus ? 112 : 96)
  bytes.writeUInt32LE(item.directoryCount ?? 16, directories - 4)
  for (const [index, [rva, size]] of Object.entries(item.directories ?? {})) {
    bytes.writeUInt32LE(rva, directories + Number(index) * 8)
    bytes.writeUInt32LE(size, directories + Number(index) * 8 + 4)
  }
  sections.forEach((section, index) => {
    const at = tableOffset + index * 40
    bytes.write(`.s${index}`, at, 'latin1')
    bytes.writeUInt32LE(section.virtualSize, at + 8)
    bytes.writeUInt32LE(section.rva, at + 12)
    bytes.writeUInt32LE(section.rawSize, at + 16)
    bytes.writeUInt32LE(section.rawPointer, at + 20)
    bytes.writeUInt32LE(section.flags ?? 0xe0000020, at + 36)
  })
  return bytes
}

/** A library's name and what is imported from it, by name or by ordinal. */
export type ImportItem = readonly [library: string, functions: readonly (string | number)[]]

/** The import table for a section at `rva`: its descriptors come first (PE format, "Import Directory Table"). */
export function makeImports(rva: number, imports: readonly ImportItem[], plus = false): Buffer {
  const width = plus ? 8 : 4
  const descriptors = Buffer.alloc((imports.length + 1) * 20)
  const pieces: Buffer[] = [descriptors]
  let end = descriptors.length
  const append = (piece: Buffer) => {
    pieces.push(piece)
    end += piece.length
    return rva + end - piece.length
  }
  imports.forEach(([library, functions], index) => {
    const thunks = Buffer.alloc((functions.length + 1) * width)
    functions.forEach((name, place) => {
      const at = place * width
      if (typeof name === 'number') {
        thunks.writeUInt16LE(name, at)
        thunks[at + width - 1] = 0x80
      } else {
        thunks.writeUInt32LE(append(Buffer.from(`\0\0${name}\0`, 'latin1')), at)
      }
    })
    const nameRva = append(Buffer.from(`${library}\0`, 'latin1'))
    const lookup = append(thunks)
    descriptors.writeUInt32LE(lookup, index * 20)
    descriptors.writeUInt32LE(nameRva, index * 20 + 12)
    descriptors.writeUInt32LE(append(Buffer.from(thunks)), index * 20 + 16)
  })
  return Buffer.concat(pieces)
}
