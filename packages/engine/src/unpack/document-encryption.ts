/**
 * Which documents say of themselves that they need a password: compound files by their main streams ([MS-DOC] 2.5.1, [MS-XLS] 2.4.117, [MS-PPT] 2.3.2,
 * [MS-OFFCRYPTO] 2.3.4.4), OpenDocument by its manifest (OpenDocument 1.3, part 2, section 3.4.1). What they say is believed, and no password is tried.
 */
import type { ByteSource } from '../byte-source.ts'
import { readFields } from '../structure/fields.ts'
import { placeOfBytes } from './byte-search.ts'
import type { Shortfall, Unpack } from './container.ts'

export const needsPassword: Shortfall = { reason: 'encrypted', detail: 'the document needs a password' }

const isWordEncrypted = (stream: ByteSource) => {
  const fields = readFields(stream, 0, 12)
  return (
    fields !== undefined &&
    wordMarks.has(fields.getUint16(0, true)) &&
    (fields.getUint16(10, true) & 0x100) !== 0
  )
}
/** What the stream of Word 97 and later begins with, and that of Word 6 and 95. */
const wordMarks: ReadonlySet<number> = new Set([0xa5ec, 0xa5dc])

const FILE_PASS = 0x2f
const BOUND_SHEET = 0x85
/** Records that may stand before the one that says so; real ones are among the first three. */
const MOST_RECORDS = 32

function isWorkbookEncrypted(stream: ByteSource): boolean {
  let at = 0
  for (let count = 0; count < MOST_RECORDS; count += 1) {
    const head = readFields(stream, at, 4)
    const kind = head?.getUint16(0, true)
    if (head === undefined || kind === BOUND_SHEET) return false
    if (kind === FILE_PASS) return true
    at += 4 + head.getUint16(2, true)
  }
  return false
}

const ENCRYPTED_PRESENTATION = 0xf3d1c4df

/** By the names of streams in small letters. */
const signs: ReadonlyMap<string, (stream: ByteSource) => boolean> = new Map([
  ['encryptedpackage', () => true],
  ['worddocument', isWordEncrypted],
  ['workbook', isWorkbookEncrypted],
  ['book', isWorkbookEncrypted],
  ['current user', (stream) => readFields(stream, 12, 4)?.getUint32(0, true) === ENCRYPTED_PRESENTATION],
])

/** Whether a stream says that its document is encrypted. */
export function isEncryptedStream(name: string, stream: ByteSource): boolean {
  return signs.get(name.toLowerCase())?.(stream) ?? false
}

const MANIFEST = 'META-INF/manifest.xml'
const ENCRYPTION = Buffer.from('encryption-data')

/** An unpacker of zip archives that also tells of encrypted OpenDocument files, whose entries look like any others. */
export function tellingEncryption(unpack: Unpack): Unpack {
  return async function* (source, budget, means) {
    for await (const part of unpack(source, budget, means)) {
      const isEncrypted =
        part.kind === 'content' &&
        part.label === MANIFEST &&
        placeOfBytes(part.content, ENCRYPTION, 0, budget.check) !== -1
      yield part
      if (isEncrypted) yield { kind: 'unscanned', shortfall: needsPassword }
    }
  }
}
