/**
 * A PE file as Windows loads it for 32-bit programs (PE format, "Section Table"): which of its bytes come to which addresses, with the loader's
 * rounding, and its imports bound to the libraries' stubs. The other reader, src/structure, finds the offsets that signatures mean.
 */
import type { ByteSource } from '../byte-source.ts'
import { readFields } from '../structure/fields.ts'
import { type PeHeader, readPeHeader } from '../structure/pe-header.ts'
import type { Machine } from './machine.ts'
import { IMAGE_END, IMAGE_LOWEST } from './windows-layout.ts'
import type { Libraries } from './windows-libraries.ts'
import type { LoadedImage } from './windows-process.ts'

const PAGE = 0x1000
const SECTOR = 0x200
const SECTION_BYTES = 40
const I386 = 0x14c
const IS_LIBRARY = 0x2000
/** More than Windows takes. */
const SECTIONS_MAX = 96
const IMAGE_BYTES_MAX = 256 * 1024 * 1024
/** Half of what the emulator's memory holds. */
const LOADED_BYTES_MAX = 32 * 1024 * 1024
const IMPORT_LIBRARIES_MAX = 256
const IMPORT_FUNCTIONS_MAX = 16_384

export interface ProgramSection {
  readonly rva: number
  /** In memory, rounded up to pages. */
  readonly bytes: number
  readonly rawOffset: number
  /** That the file has and the loader reads. */
  readonly rawBytes: number
  readonly isExecutable: boolean
  readonly isWritable: boolean
}

export interface ProgramImage extends LoadedImage {
  readonly isLibrary: boolean
  readonly header: PeHeader
  readonly sections: readonly ProgramSection[]
}

/** The image, or nothing for what is no PE file of 32-bit x86 code, or none that Windows would load. */
export function readProgramImage(source: ByteSource): ProgramImage | undefined {
  const header = readPeHeader(source)
  if (header === undefined || header.plus || header.rows.length > SECTIONS_MAX) return undefined
  const coff = readFields(source, header.optionalOffset - 20, 20)
  const optional = readFields(source, header.optionalOffset, 96)
  if (coff === undefined || optional === undefined || coff.getUint16(0, true) !== I386) return undefined
  const base = optional.getUint32(28, true)
  const table = header.optionalOffset + coff.getUint16(16, true)
  const sections = header.rows.map(({ rva, virtualSize, rawPointer, rawSize }, index): ProgramSection => {
    const flags = readFields(source, table + SECTION_BYTES * index + 36, 4)?.getUint32(0, true) ?? 0
    const rawOffset = header.sectionAlignment < PAGE ? rawPointer : rawPointer - (rawPointer % SECTOR)
    const bytes = roundUp(virtualSize === 0 ? rawSize : virtualSize, PAGE)
    const rawBytes = Math.min(roundUp(rawSize, SECTOR), bytes, Math.max(0, source.size - rawOffset))
    return {
      rva,
      bytes,
      rawOffset,
      rawBytes: rawPointer === 0 ? 0 : rawBytes,
      isExecutable: (flags & 0x20000020) !== 0,
      isWritable: (flags & 0x80000000) !== 0,
    }
  })
  const end = Math.max(optional.getUint32(56, true), ...sections.map(({ rva, bytes }) => rva + bytes))
  const imageBytes = roundUp(end, PAGE)
  const isPlaced = base % 0x10000 === 0 && base >= IMAGE_LOWEST && base + imageBytes <= IMAGE_END
  if (!isPlaced || imageBytes > IMAGE_BYTES_MAX) return undefined
  const isLibrary = (coff.getUint16(18, true) & IS_LIBRARY) !== 0
  return { base, imageBytes, entry: base + header.entryRva, isLibrary, header, sections }
}

/** Why the image's bytes do not fit into the emulator, or nothing. */
export function imageShortfall({ sections }: ProgramImage): string | undefined {
  const bytes = sections.reduce((sum, section) => sum + section.rawBytes, 0)
  return bytes > LOADED_BYTES_MAX
    ? `it has ${bytes} bytes, and up to ${LOADED_BYTES_MAX} are emulated`
    : undefined
}

/** Fills the machine's memory. */
export function loadImage(machine: Machine, image: ProgramImage, source: ByteSource): void {
  machine.map(image.base, image.imageBytes)
  const first = Math.min(PAGE, source.size, ...image.sections.map(({ rva }) => rva))
  machine.load(image.base, source.read(0, first))
  for (const { rva, rawOffset, rawBytes } of image.sections) {
    // A piece at a time: what the source gives holds until its next read.
    for (let at = 0; at < rawBytes; at += SECTOR * 128)
      machine.load(image.base + rva + at, source.read(rawOffset + at, Math.min(SECTOR * 128, rawBytes - at)))
  }
}

/** The section that an address lies in. */
export function sectionAt({ base, sections }: ProgramImage, address: number): number {
  return sections.findIndex(({ rva, bytes }) => address >= base + rva && address < base + rva + bytes)
}

/** Writes the stubs' addresses into the import address tables (PE format, "The .idata Section"). */
export function bindImports(machine: Machine, { base, header }: ProgramImage, libraries: Libraries): void {
  const directory = header.directories[1]
  if (directory === undefined || directory.rva === 0) return
  let functions = 0
  for (let index = 0; index < IMPORT_LIBRARIES_MAX; index++) {
    const at = base + directory.rva + 20 * index
    const nameRva = machine.read32(at + 12)
    const addresses = machine.read32(at + 16)
    if (!nameRva || !addresses) return
    const library = machine.readText(base + nameRva)
    const named = machine.read32(at) || addresses
    // Where the table of names lies nowhere, the other one still has them.
    const names = machine.read32(base + named) === undefined ? addresses : named
    for (let entry = 0; functions < IMPORT_FUNCTIONS_MAX; entry++, functions++) {
      const value = machine.read32(base + names + 4 * entry)
      if (!value) break
      const name = value >= 0x80000000 ? `#${value & 0xffff}` : machine.readText(base + value + 2)
      const address = libraries.functionAddress(library, name)
      if (address === undefined) return
      machine.load(base + addresses + 4 * entry, wordBytes(address))
    }
  }
}

/** The addresses of functions that run before the program does (PE format, "The .tls Section"), 16 of them at most. */
export function earlyFunctions(machine: Machine, { base, header }: ProgramImage): readonly number[] {
  const directory = header.directories[9]
  if (directory === undefined || directory.rva === 0) return []
  const list = machine.read32(base + directory.rva + 12)
  const functions: number[] = []
  while (list && functions.length < 16) {
    const address = machine.read32(list + 4 * functions.length)
    if (!address) break
    functions.push(address)
  }
  return functions
}

function wordBytes(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24)
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit
}
