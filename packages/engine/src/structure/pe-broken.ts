/**
 * Whether a PE file's headers contradict themselves, by the rules that stock clamscan was seen to apply for --alert-broken
 * (broken-stock.test.ts): stricter than what its sections and its entry point need to be found.
 */
import type { ByteSource } from '../byte-source.ts'
import { findPeSignature, type PeHeader, type PeSectionRow, readPeHeader } from './pe-header.ts'
import { layOutSections, offsetOf } from './pe-sections.ts'

const PAGE = 0x1000
const SECTOR = 0x200
/** Above it lies the system's half of the address space. */
const LARGEST = 0x7fffffff

/** False also for what has no PE signature, which is a program for MS-DOS or none. */
export function isBrokenPe(source: ByteSource): boolean {
  if (findPeSignature(source) === undefined) return false
  const header = readPeHeader(source)
  if (header === undefined) return true
  if (!isMultiple(header.sectionAlignment, PAGE) || !isMultiple(header.fileAlignment, SECTOR)) return true
  return hasBrokenSection(header, source.size) || !hasEntryPoint(header, source.size)
}

function isMultiple(value: number, unit: number): boolean {
  return value !== 0 && value % unit === 0
}

/** Sections must follow the headers and each other in memory without a hole. Those that begin behind the file's end do not count. */
function hasBrokenSection(header: PeHeader, fileSize: number): boolean {
  const { sections, headerBytes } = layOutSections(header, fileSize)
  const isPresent = (row: PeSectionRow, index: number) =>
    row.rawSize === 0 || (sections[index]?.offset ?? 0) < fileSize
  const present = header.rows.filter(isPresent)
  let expected = headerBytes
  for (const { rva, virtualSize, rawSize } of present) {
    if (rva > LARGEST || virtualSize > LARGEST || rva !== expected) return true
    const size = virtualSize === 0 ? rawSize : virtualSize
    expected += Math.ceil(size / header.sectionAlignment) * header.sectionAlignment
  }
  return present.length === 0
}

function hasEntryPoint(header: PeHeader, fileSize: number): boolean {
  return offsetOf(header.entryRva, layOutSections(header, fileSize)) !== undefined
}
