/**
 * Where a PE file's sections lie in the file: the loader's rounding (PE format, "Section Table": SizeOfRawData,
 * PointerToRawData; "Optional Header": SectionAlignment, FileAlignment), with the choices of stock ClamAV where the
 * loader's are looser, because signatures were made with it. Measured against clamscan in pe-stock.test.ts.
 */
import type { ExecutableSection } from './executable.ts'
import type { PeHeader, PeSectionRow } from './pe-header.ts'

export interface PeSection extends ExecutableSection {
  readonly rva: number
}

/** All sections, also those without bytes in the file, and what maps addresses to offsets. */
export interface PeLayout {
  readonly sections: readonly PeSection[]
  /** Addresses below this are offsets as they are. */
  readonly headerBytes: number
  readonly fileSize: number
  readonly damage: string | undefined
}

/** The alignment the loader knows, whatever a file states. */
const SECTOR = 0x200
/** ClamAV refuses sections in the upper half of the address space, which is the system's. */
const LARGEST = 0x7fffffff

/** Lays the sections out in a file of `fileSize` bytes. */
export function layOutSections(header: PeHeader, fileSize: number): PeLayout {
  const { rows, sectionAlignment } = header
  // One section at a multiple of 512 that is none of the stated alignment shows that the statement is not meant.
  const contradicted = rows.some(
    ({ rawPointer, rawSize }) =>
      rawSize !== 0 && rawPointer % header.fileAlignment !== 0 && rawPointer % SECTOR === 0,
  )
  const fileAlignment = header.fileAlignment !== 0 && contradicted ? SECTOR : header.fileAlignment
  const sections: PeSection[] = []
  let damage: string | undefined
  for (const row of rows) {
    const offset = roundDown(row.rawPointer, fileAlignment)
    const size = roundUp(row.rawSize, fileAlignment)
    if (isNegative(row) || (size === 0 && row.rawSize > LARGEST))
      damage ??= 'a section has a number above 2147483647'
    sections.push({
      rva: roundDown(row.rva, sectionAlignment),
      offset,
      size: Math.min(size, Math.max(0, fileSize - offset)),
    })
  }
  return { sections, headerBytes: roundUp(header.headerBytes, sectionAlignment), fileSize, damage }
}

/** The offset of an address: in the headers, or in the last section of the table that holds it. */
export function offsetOf(rva: number, { sections, headerBytes, fileSize }: PeLayout): number | undefined {
  if (rva < headerBytes) return rva < fileSize ? rva : undefined
  const section = sections.findLast(({ rva: start, size }) => rva >= start && rva - start < size)
  return section === undefined ? undefined : rva - section.rva + section.offset
}

/** Raw sizes above it are cut to the file and do no harm, unless rounding has turned them into 0. */
function isNegative({ rva, virtualSize }: PeSectionRow): boolean {
  return rva > LARGEST || virtualSize > LARGEST
}

function roundDown(value: number, alignment: number): number {
  return alignment === 0 ? value : value - (value % alignment)
}

/** In 32 bits, as ClamAV counts. */
function roundUp(value: number, alignment: number): number {
  return alignment === 0 ? value : (Math.ceil(value / alignment) * alignment) % 0x100000000
}
