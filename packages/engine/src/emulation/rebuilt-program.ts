/**
 * A PE file made of an emulated program's memory: sections as they are now, each as long as it holds anything, at the offset of its address, so that
 * offsets of the file are addresses less the base. The import address table holds addresses of stubs; tables of names and all else is as the program left it.
 */
import type { MemoryPage } from './machine.ts'
import type { ProgramImage } from './program-image.ts'

const PAGE = 0x1000
const SECTOR = 0x200
const PE_OFFSET = 0x40
const OPTIONAL_BYTES = 0xe0
const OPTIONAL_OFFSET = PE_OFFSET + 24
const TABLE_OFFSET = OPTIONAL_OFFSET + OPTIONAL_BYTES
const SECTION_BYTES = 40
/** Code that can be read and run, and what is empty is data: so the file does not look packed again. */
const SECTION_FLAGS = 0x60000020
const EMPTY_FLAGS = 0xc0000080

/** The file; undefined when the header would reach into the first section. `entry` is an address. */
export function rebuildProgram(
  image: ProgramImage,
  pages: readonly MemoryPage[],
  entry: number,
): Uint8Array | undefined {
  const headerBytes = Math.ceil((TABLE_OFFSET + SECTION_BYTES * image.sections.length) / SECTOR) * SECTOR
  const lowest = Math.min(...image.sections.map(({ rva }) => rva))
  if (lowest < headerBytes) return undefined
  const own = pages.filter(({ address }) => address >= image.base && address < image.base + image.imageBytes)
  const rows = image.sections.map(({ rva, bytes }) => ({
    rva,
    bytes,
    held: heldBytes(own, image.base + rva, image.base + rva + bytes),
  }))
  const length = Math.max(headerBytes, ...rows.map(({ rva, held }) => (held === 0 ? 0 : rva + held)))
  const file = Buffer.alloc(length)
  for (const { address, bytes } of own) {
    const at = address - image.base
    if (at < length) file.set(bytes.subarray(0, Math.min(PAGE, length - at)), at)
  }
  file.fill(0, 0, headerBytes)
  writeHeader(file, image, entry, headerBytes, rows)
  return file
}

/** How many bytes of a section there are up to its last that is not zero, in whole sectors. */
function heldBytes(pages: readonly MemoryPage[], start: number, end: number): number {
  for (const { address, bytes } of pages.toReversed()) {
    if (address < start || address >= end) continue
    const last = bytes.findLastIndex((byte) => byte !== 0)
    if (last !== -1) return Math.ceil((address + last + 1 - start) / SECTOR) * SECTOR
  }
  return 0
}

function writeHeader(
  file: Buffer,
  { base, imageBytes, isLibrary, header }: ProgramImage,
  entry: number,
  headerBytes: number,
  rows: readonly { readonly rva: number; readonly bytes: number; readonly held: number }[],
): void {
  file.write('MZ', 'latin1')
  file.writeUInt32LE(PE_OFFSET, 0x3c)
  file.write('PE\0\0', PE_OFFSET, 'latin1')
  file.writeUInt16LE(0x14c, PE_OFFSET + 4)
  file.writeUInt16LE(rows.length, PE_OFFSET + 6)
  file.writeUInt16LE(OPTIONAL_BYTES, PE_OFFSET + 20)
  file.writeUInt16LE(isLibrary ? 0x210f : 0x010f, PE_OFFSET + 22)
  file.writeUInt16LE(0x10b, OPTIONAL_OFFSET)
  for (const [at, value] of [
    [16, entry - base],
    [28, base],
    [32, PAGE],
    [36, SECTOR],
    [56, imageBytes],
    [60, headerBytes],
    [92, 16],
  ] as const)
    file.writeUInt32LE(value, OPTIONAL_OFFSET + at)
  for (const [index, { rva, size }] of header.directories.entries()) {
    // The table of certificates lies in the packed file alone.
    if (index === 4) continue
    file.writeUInt32LE(rva, OPTIONAL_OFFSET + 96 + 8 * index)
    file.writeUInt32LE(size, OPTIONAL_OFFSET + 100 + 8 * index)
  }
  for (const [index, { rva, bytes, held }] of rows.entries()) {
    const row = TABLE_OFFSET + SECTION_BYTES * index
    file.write(`.part${index}`, row, 8, 'latin1')
    file.writeUInt32LE(bytes, row + 8)
    file.writeUInt32LE(rva, row + 12)
    file.writeUInt32LE(held, row + 16)
    file.writeUInt32LE(held === 0 ? 0 : rva, row + 20)
    file.writeUInt32LE(held === 0 ? EMPTY_FLAGS : SECTION_FLAGS, row + 36)
  }
}
