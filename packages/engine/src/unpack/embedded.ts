/**
 * What lies inside a content at some place, behind or between other bytes: archives and programs in a program, a picture, a table; what a shell script
 * has behind its text. Places come from one search over the content (kernel/marks.ts) or from behind what a text or a program says is its own (payload.ts); each is looked at closely here,
 * so that a program that holds an archive's first bytes as a string is no archive. Zips are found from their end (zip-end.ts).
 */
import { crc32 } from 'node:zlib'
import type { ByteSource } from '../byte-source.ts'
import { type FileTypeName, IDENTIFY_BYTES, identifyFileType } from '../file-type.ts'
import { readFields } from '../structure/fields.ts'
import type { Unpack } from './container.ts'
import { sliceSource } from './slice-source.ts'

/** A content that begins at `offset`. How long it is only its own bytes say. */
export interface EmbeddedContent {
  readonly name: FileTypeName
  readonly offset: number
}

/** An honest file has one or two; each is read to the content's end. */
const EMBEDDED_MAX = 8

/** The kinds of contents that are searched: all that is bytes of no archive. Stock clamscan looks into these too. */
const searched: ReadonlySet<FileTypeName> = new Set<FileTypeName>([
  'data',
  'pe',
  'dos',
  'mach-o',
  'java-class',
  'pdf',
  'flash',
  'png',
  'jpeg',
  'gif',
  'bmp',
  'tiff',
  'webp',
])

/** Whether places are to be searched for in such a content. */
export function mayEmbed(name: FileTypeName): boolean {
  return searched.has(name)
}

/** Of the places those at which something begins, in their order. */
export function embeddedAt(
  source: ByteSource,
  places: readonly number[],
  type: FileTypeName,
  check: () => void,
): EmbeddedContent[] {
  const found: EmbeddedContent[] = []
  for (const place of places) {
    check()
    // What is found of an NSIS archive stands behind a word of flags.
    for (const offset of [place, place - 4]) {
      if (offset <= 0 || offset >= source.size) continue
      const { name } = identifyFileType(source.read(offset, Math.min(IDENTIFY_BYTES, source.size - offset)))
      const begins = checks[name]
      if (begins === undefined || (name === 'pe' && type !== 'pe')) continue
      if (begins(source, offset)) found.push({ name, offset })
    }
    if (found.length === EMBEDDED_MAX) break
  }
  return found
}

/** By kind: whether one really begins there. */
const checks: Readonly<Partial<Record<FileTypeName, (source: ByteSource, offset: number) => boolean>>> = {
  // In a program alone, as in ClamAV.
  pe: () => true,
  nsis: () => true,
  gzip: isGzip,
  bzip2: () => true,
  xz: () => true,
  zstd: () => true,
  squashfs: () => true,
  '7z': isSevenZip,
  rar: isRar,
  cab: isCabinet,
  arj: isArj,
}

/** RFC 1952, section 2.3.1: no flag is set that means nothing. */
function isGzip(source: ByteSource, offset: number): boolean {
  return ((source.read(offset + 3, 1)[0] ?? 0xff) & 0xe0) === 0
}

/** 7-Zip's documentation (7zFormat.txt), SignatureHeader: the check of what says where the header is. */
function isSevenZip(source: ByteSource, offset: number): boolean {
  const start = Buffer.from(source.read(offset, 32))
  return start.length === 32 && crc32(start.subarray(12)) === start.readUInt32LE(8)
}

/** RAR's technical notes: the main header is the first, or in version 5 that of an encrypted archive. */
function isRar(source: ByteSource, offset: number): boolean {
  const fields = readFields(source, offset, 16)
  if (fields === undefined) return false
  if (fields.getUint8(6) === 0) return fields.getUint8(9) === 0x73
  const type = fields.getUint8(12) < 0x80 ? fields.getUint8(13) : fields.getUint8(14)
  return fields.getUint16(6, true) === 1 && (type === 1 || type === 4)
}

/** [MS-CAB], section 2.1: version 1.3, its files within its size. */
function isCabinet(source: ByteSource, offset: number): boolean {
  const fields = readFields(source, offset, 36)
  if (fields === undefined || fields.getUint16(24, true) !== 0x0103) return false
  return fields.getUint32(16, true) < fields.getUint32(8, true)
}

/** ARJ's technical notes: the check of the first header. */
function isArj(source: ByteSource, offset: number): boolean {
  const length = readFields(source, offset + 2, 2)?.getUint16(0, true) ?? 0
  const header = readFields(source, offset + 4, length + 4)
  if (header === undefined || length < 30) return false
  const bytes = new Uint8Array(header.buffer, header.byteOffset, length)
  return crc32(bytes) === header.getUint32(length, true)
}

/** What opens it: as a content of its own where it is a program, with all to the end; else by the unpacker of its kind. */
export function embeddedUnpacker({ offset, name }: EmbeddedContent, opener: Unpack | undefined): Unpack {
  return async function* (source, budget, means) {
    const rest = sliceSource(source, offset, source.size - offset)
    if (name === 'pe')
      yield { kind: 'content', label: `program at ${offset}`, content: rest, isSearched: true }
    else if (opener !== undefined) yield* opener(rest, budget, means)
  }
}
