/**
 * Whether a text holds a mail behind other lines: ClamAV looks for two fields of a header (as clamscan 1.4.6 was seen to do), however far they
 * stand. Here only a text's beginning is looked at, which is longer than what honest programs put before them.
 */
import type { ByteSource } from '../byte-source.ts'
import type { FileTypeName } from '../file-type.ts'

/** Within the first the type tells it. Searching costs 1 to 2 ns a byte of every text, so it ends soon. */
const TOLD_BYTES = 1024
const SEARCHED_BYTES = 8 * 1024
const LF = 0x0a

const searchedTypes: ReadonlySet<FileTypeName> = new Set(['text', 'script', 'html', 'data'])

/** What a field's name ends in, for a fast search, and all of it. */
const marks: readonly (readonly [end: Buffer, before: RegExp])[] = [
  [Buffer.from('ersion: '), /^[Mm][Ii][Mm][Ee]-[Vv]$/],
  [Buffer.from('eceived: '), /^[Rr]$/],
]
/** Of what stands before an end. */
const BEFORE_MAX_BYTES = 6

/** Whether a content of this type is to be opened as a mail too. */
export function holdsMail(source: ByteSource, type: FileTypeName): boolean {
  if (source.size <= TOLD_BYTES || !searchedTypes.has(type)) return false
  const view = source.read(0, Math.min(SEARCHED_BYTES, source.size))
  const head = Buffer.from(view.buffer, view.byteOffset, view.length)
  return marks.some(([end, before]) => stands(head, end, before))
}

function stands(head: Buffer, end: Buffer, before: RegExp): boolean {
  for (let at = head.indexOf(end); at !== -1; at = head.indexOf(end, at + 1)) {
    const near = head.subarray(Math.max(0, at - BEFORE_MAX_BYTES - 1), at)
    const feed = near.lastIndexOf(LF)
    if (feed !== -1 && before.test(near.toString('latin1', feed + 1))) return true
  }
  return false
}
