/**
 * The fixed headers of a PE file: MS-DOS stub, COFF header, optional header, and the section table as it is written
 * (PE format, "MS-DOS Stub" to "Section Table"). Believes no number beyond what the file holds.
 */
import type { ByteSource } from '../byte-source.ts'
import { readFields } from './fields.ts'

const STUB_BYTES = 0x40
const DOS_MAGIC = 0x4d5a
const PE_SIGNATURE = 0x50450000
/** The signature and the COFF header. */
const COFF_BYTES = 24
const SECTION_BYTES = 40
const DIRECTORY_BYTES = 8
/** The optional header before its data directories (PE format, "Optional Header"). */
const OPTIONAL_BYTES = { pe32: 96, pe32plus: 112 }
const PE32PLUS = 0x20b
const LIBRARY = 0x2000
const MOST_DIRECTORIES = 16

export interface PeDirectory {
  readonly rva: number
  readonly size: number
}

/** A row of the section table, its numbers as they are written. */
export interface PeSectionRow {
  readonly rva: number
  readonly virtualSize: number
  readonly rawPointer: number
  readonly rawSize: number
}

export interface PeHeader {
  readonly plus: boolean
  /** IMAGE_FILE_DLL (PE format, "Characteristics"). */
  readonly isLibrary: boolean
  /** Where the optional header begins, and where its data directories do. */
  readonly optionalOffset: number
  readonly directoriesOffset: number
  readonly entryRva: number
  readonly sectionAlignment: number
  readonly fileAlignment: number
  readonly headerBytes: number
  readonly directories: readonly PeDirectory[]
  readonly rows: readonly PeSectionRow[]
}

/** Where the MS-DOS stub says that the PE signature stands; nothing when there is no such stub. */
export function statedPeOffset(source: ByteSource): number | undefined {
  const stub = readFields(source, 0, STUB_BYTES)
  return stub?.getUint16(0) === DOS_MAGIC ? stub.getUint32(0x3c, true) : undefined
}

/** Where the PE signature stands; nothing when there is none, as in a program for MS-DOS. */
export function findPeSignature(source: ByteSource): number | undefined {
  const offset = statedPeOffset(source)
  if (offset === undefined) return undefined
  return readFields(source, offset, 4)?.getUint32(0) === PE_SIGNATURE ? offset : undefined
}

/**
 * The headers, or nothing when they are not whole. A magic number other than that of PE32+ is taken for PE32, as stock
 * ClamAV does: the table is found whatever it says.
 */
export function readPeHeader(source: ByteSource): PeHeader | undefined {
  const signature = findPeSignature(source)
  if (signature === undefined) return undefined
  const coff = readFields(source, signature, COFF_BYTES)
  const magic = readFields(source, signature + COFF_BYTES, 2)
  if (coff === undefined || magic === undefined) return undefined
  const plus = magic.getUint16(0, true) === PE32PLUS
  const fixedBytes = plus ? OPTIONAL_BYTES.pe32plus : OPTIONAL_BYTES.pe32
  const optional = readFields(source, signature + COFF_BYTES, fixedBytes)
  if (optional === undefined) return undefined
  const optionalBytes = coff.getUint16(20, true)
  const directoryCount = Math.min(optional.getUint32(fixedBytes - 4, true), MOST_DIRECTORIES)
  if (optionalBytes < fixedBytes + directoryCount * DIRECTORY_BYTES) return undefined
  const optionalOffset = signature + COFF_BYTES
  const directoriesOffset = optionalOffset + fixedBytes
  const directories = readFields(source, directoriesOffset, directoryCount * DIRECTORY_BYTES)
  const count = coff.getUint16(6, true)
  const table = readFields(source, signature + COFF_BYTES + optionalBytes, count * SECTION_BYTES)
  if (directories === undefined || table === undefined || count === 0) return undefined
  return {
    plus,
    isLibrary: (coff.getUint16(22, true) & LIBRARY) !== 0,
    optionalOffset,
    directoriesOffset,
    entryRva: optional.getUint32(16, true),
    sectionAlignment: optional.getUint32(32, true),
    fileAlignment: optional.getUint32(36, true),
    headerBytes: optional.getUint32(60, true),
    directories: Array.from({ length: directoryCount }, (_, index) => ({
      rva: directories.getUint32(index * DIRECTORY_BYTES, true),
      size: directories.getUint32(index * DIRECTORY_BYTES + 4, true),
    })),
    rows: Array.from({ length: count }, (_, index) => sectionRow(table, index * SECTION_BYTES)),
  }
}

function sectionRow(table: DataView, at: number): PeSectionRow {
  return {
    virtualSize: table.getUint32(at + 8, true),
    rva: table.getUint32(at + 12, true),
    rawSize: table.getUint32(at + 16, true),
    rawPointer: table.getUint32(at + 20, true),
  }
}
