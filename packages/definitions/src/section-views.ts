/**
 * A definitions file seen as its sections. Checks the header, the digest and the section table; what stands inside the
 * resident sections is checked by check-*.ts before anybody uses it, and each piece of the stored ones by its own digest
 * whenever it is read.
 */
import { createHash } from 'node:crypto'
import { endianness } from 'node:os'
import { DefinitionsError } from './definitions-error.ts'
import type { DefinitionsFile } from './definitions-file.ts'
import { digestOf } from './join-sections.ts'
import {
  CHUNK_BYTES,
  HEADER_BYTES,
  header,
  LAYOUT_VERSION,
  MAGIC,
  type ResidentSectionName,
  type SectionName,
  type StoredSectionName,
  sectionNames,
  sections,
  storedSectionNames,
} from './layout.ts'

export interface SectionViews {
  readonly version: string
  readonly createdAt: string
  /** Records of each section. */
  readonly counts: Readonly<Record<SectionName, number>>
  bytes(name: ResidentSectionName): Uint8Array
  words(name: ResidentSectionName): Uint32Array
  /**
   * Reads and checks a piece of a stored section, of at most `CHUNK_BYTES`; good until the next call. Throws DefinitionsError `malformed`
   * when it lies outside, `checksum` when it is not what was compiled, and what reading throws.
   */
  stored(name: StoredSectionName, offset: number, length: number): Buffer
  /** Reads and checks all that is stored. Throws as `stored` does. */
  checkStored(): void
}

/** What the header says. */
export interface DefinitionsHead {
  readonly version: string
  readonly createdAt: string
  /** Records of each section. */
  readonly counts: Readonly<Record<SectionName, number>>
  readonly offsets: Readonly<Record<SectionName, number>>
}

/**
 * Reads the header of a file of `length` bytes, of which `given` are the first. No digest is compared. Throws DefinitionsError
 * `truncated`, `not-definitions`, `foreign-layout`, `malformed`.
 */
export function readHead(given: Uint8Array, length: number): DefinitionsHead {
  return readOuter(given, length).head()
}

/** The outer form, and then what stands in the header, which nobody should look at before its digest was compared, if it is to be. */
function readOuter(given: Uint8Array, length: number) {
  if (given.length < MAGIC.length) throw truncated(given.length, HEADER_BYTES)
  if (text(given.subarray(0, MAGIC.length)) !== MAGIC) {
    throw new DefinitionsError(
      'not-definitions',
      'The file is no definitions file of ours; give one that was compiled.',
    )
  }
  if (given.length < HEADER_BYTES) throw truncated(given.length, HEADER_BYTES)
  const view = new DataView(given.buffer, given.byteOffset, given.length)
  const layoutVersion = view.getUint32(header.layoutVersion, true)
  if (layoutVersion !== LAYOUT_VERSION) {
    throw new DefinitionsError(
      'foreign-layout',
      `The definitions have layout ${layoutVersion} and this program reads ${LAYOUT_VERSION}; update the older of the two.`,
    )
  }
  const fileLength = view.getUint32(header.fileLength, true)
  if (length < fileLength) throw truncated(length, fileLength)
  if (length > fileLength) throw malformed(`${length - fileLength} bytes stand behind the end`)
  const residentLength = view.getUint32(header.residentLength, true)
  const head = (): DefinitionsHead => ({
    version: paddedText(given, header.version, header.versionBytes, 'version'),
    createdAt: paddedText(given, header.createdAt, header.createdAtBytes, 'date'),
    ...readTable(view, fileLength, residentLength),
  })
  return { residentLength, head }
}

/** Opens the outer form; the digest is left out when it was compared before. Throws DefinitionsError `truncated`, `not-definitions`, `foreign-layout`, `checksum`, `malformed`. */
export function viewSections(file: DefinitionsFile, isChecked: boolean): SectionViews {
  if (endianness() !== 'LE') {
    throw new DefinitionsError('foreign-layout', 'Definitions are little-endian and this machine is not.')
  }
  const given = file.resident
  const { residentLength, head } = readOuter(given, file.length)
  // Words can be seen only from an offset that is a multiple of four.
  const bytes = given.byteOffset % 4 === 0 ? given : new Uint8Array(given)
  if (residentLength !== bytes.length) throw malformed('its resident part is not as long as it says')
  const stated = bytes.subarray(header.digest, header.digest + header.digestBytes)
  if (!isChecked && Buffer.compare(digestOf(bytes), stated) !== 0) {
    throw new DefinitionsError(
      'checksum',
      'The definitions are not the bytes that were compiled; fetch them again.',
    )
  }
  const { version, createdAt, counts, offsets } = head()
  const inMemory = (name: ResidentSectionName) =>
    bytes.subarray(offsets[name], offsets[name] + counts[name] * sections[name])
  const chunks = inMemory('chunks')
  if (counts.chunks !== Math.ceil((file.length - bytes.length) / CHUNK_BYTES)) {
    throw malformed('there is not one digest for each chunk')
  }
  const readStored = storedReader(file, bytes.length, chunks)
  const checkStored = () => {
    for (let offset = bytes.length; offset < file.length; offset += CHUNK_BYTES) readStored(offset, 1)
  }
  return {
    version,
    createdAt,
    counts,
    bytes: inMemory,
    words(name) {
      return new Uint32Array(
        bytes.buffer,
        bytes.byteOffset + offsets[name],
        (counts[name] * sections[name]) / 4,
      )
    },
    stored(name, offset, length) {
      if (offset + length > counts[name] * sections[name]) throw malformed(`${name} ends before ${offset}`)
      return readStored(offsets[name] + offset, length)
    },
    checkStored,
  }
}

/** Reads of the stored part, whose chunks are checked as they are read; the last one is kept. */
function storedReader(
  file: DefinitionsFile,
  from: number,
  digests: Uint8Array,
): (offset: number, length: number) => Buffer {
  let keptIndex = -1
  let kept = Buffer.alloc(0)
  const chunk = (index: number): Buffer => {
    if (index === keptIndex) return kept
    const start = from + index * CHUNK_BYTES
    const read = file.read(start, Math.min(CHUNK_BYTES, file.length - start))
    const stated = digests.subarray(index * sections.chunks, (index + 1) * sections.chunks)
    if (createHash('sha256').update(read).digest().compare(stated) !== 0) {
      throw new DefinitionsError(
        'checksum',
        `The definitions from byte ${start} on are not those that were compiled; fetch them again.`,
      )
    }
    // A copy, since decoders refuse memory that threads share.
    kept = Buffer.from(read)
    keptIndex = index
    return kept
  }
  return (offset, length) => {
    const first = Math.floor((offset - from) / CHUNK_BYTES)
    const at = offset - from - first * CHUNK_BYTES
    const head = chunk(first).subarray(at, at + length)
    if (head.length === length) return head
    return Buffer.concat([head, chunk(first + 1).subarray(0, length - head.length)])
  }
}

/** Sections stand in their order, each right after the other: from the counts all offsets follow, and must be these. */
function readTable(
  view: DataView,
  fileLength: number,
  residentLength: number,
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
    if (name === storedSectionNames[0] && offsets[name] !== residentLength) {
      throw malformed('what is stored does not begin where the resident part ends')
    }
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
