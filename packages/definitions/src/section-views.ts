/**
 * A definitions file seen as its sections. Checks the header, the digest and the section table; what stands inside the
 * sections is checked by check-*.ts before anybody uses it.
 */
import { endianness } from 'node:os'
import { DefinitionsError } from './definitions-error.ts'
import { digestOf, masked } from './join-sections.ts'
import {
  HEADER_BYTES,
  header,
  LAYOUT_VERSION,
  MAGIC,
  type SectionName,
  sectionNames,
  sections,
} from './layout.ts'

export interface SectionViews {
  readonly version: string
  readonly createdAt: string
  /** Records of each section. */
  readonly counts: Readonly<Record<SectionName, number>>
  bytes(name: SectionName): Uint8Array
  words(name: SectionName): Uint32Array
}

/** Opens the outer form. Throws DefinitionsError `truncated`, `not-definitions`, `foreign-layout`, `checksum`, `malformed`. */
export function viewSections(given: Uint8Array): SectionViews {
  if (endianness() !== 'LE') {
    throw new DefinitionsError('foreign-layout', 'Definitions are little-endian and this machine is not.')
  }
  if (given.length < MAGIC.length) throw truncated(given.length, HEADER_BYTES)
  if (text(given.subarray(0, MAGIC.length)) !== MAGIC) {
    throw new DefinitionsError(
      'not-definitions',
      'The file is no definitions file of ours; give one that was compiled.',
    )
  }
  if (given.length < HEADER_BYTES) throw truncated(given.length, HEADER_BYTES)
  // Words can be seen only from an offset that is a multiple of four.
  const bytes = given.byteOffset % 4 === 0 ? given : new Uint8Array(given)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const layoutVersion = view.getUint32(header.layoutVersion, true)
  if (layoutVersion !== LAYOUT_VERSION) {
    throw new DefinitionsError(
      'foreign-layout',
      `The definitions have layout ${layoutVersion} and this program reads ${LAYOUT_VERSION}; update the older of the two.`,
    )
  }
  const fileLength = view.getUint32(header.fileLength, true)
  if (bytes.length < fileLength) throw truncated(bytes.length, fileLength)
  if (bytes.length > fileLength) throw malformed(`${bytes.length - fileLength} bytes stand behind the end`)
  const stated = bytes.subarray(header.digest, header.digest + header.digestBytes)
  if (Buffer.compare(digestOf(bytes), stated) !== 0) {
    throw new DefinitionsError(
      'checksum',
      'The definitions are not the bytes that were compiled; fetch them again.',
    )
  }
  const { counts, offsets } = readTable(view, fileLength)
  const stored = (name: SectionName) =>
    bytes.subarray(offsets[name], offsets[name] + counts[name] * sections[name])
  // The one section that is not used as it lies.
  const pool = masked(stored('bytes'))
  return {
    version: paddedText(bytes, header.version, header.versionBytes, 'version'),
    createdAt: paddedText(bytes, header.createdAt, header.createdAtBytes, 'date'),
    counts,
    bytes: (name) => (name === 'bytes' ? pool : stored(name)),
    words(name) {
      return new Uint32Array(
        bytes.buffer,
        bytes.byteOffset + offsets[name],
        (counts[name] * sections[name]) / 4,
      )
    },
  }
}

/** Sections stand in their order, each right after the other: from the counts all offsets follow, and must be these. */
function readTable(
  view: DataView,
  fileLength: number,
): Record<'counts' | 'offsets', Record<SectionName, number>> {
  const counts = {} as Record<SectionName, number>
  const offsets = {} as Record<SectionName, number>
  let expected = Math.ceil(HEADER_BYTES / 8) * 8
  sectionNames.forEach((name, index) => {
    const entry = header.sectionTable + index * header.sectionEntryBytes
    offsets[name] = view.getUint32(entry, true)
    counts[name] = view.getUint32(entry + 4, true)
    if (offsets[name] !== expected) throw malformed(`section ${name} does not begin where it must`)
    expected += Math.ceil((counts[name] * sections[name]) / 8) * 8
    if (expected > fileLength) throw malformed(`section ${name} reaches beyond the end`)
  })
  if (expected !== fileLength) throw malformed('the sections end before the file does')
  return { counts, offsets }
}

function paddedText(bytes: Uint8Array, offset: number, length: number, what: string): string {
  const content = text(bytes.subarray(offset, offset + length)).replace(/\0+$/, '')
  if (!/^[\x21-\x7e]+$/.test(content)) throw malformed(`the ${what} is not visible ASCII`)
  return content
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

function truncated(length: number, wanted: number): DefinitionsError {
  return new DefinitionsError(
    'truncated',
    `The definitions end after ${length} of at least ${wanted} bytes; fetch them again.`,
  )
}

/** What a hostile or broken compiler wrote. */
export function malformed(what: string): DefinitionsError {
  return new DefinitionsError('malformed', `The definitions are malformed: ${what}; compile them again.`)
}
