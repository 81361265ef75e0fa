/**
 * What a document says of itself that a caller may want to be told: that it is encrypted, that it holds macros. Looked for only when
 * it is asked for; what it says is believed, and nothing is decoded.
 */
import type { ByteSource } from '../byte-source.ts'
import { readFields } from '../structure/fields.ts'

const BLOCK_BYTES = 256 * 1024
/** The key of a PDF's trailer that leads to its encryption (ISO 32000-1, table 15), and what may follow a key. */
const PDF_KEY = Buffer.from('/Encrypt')
const keyEnd = new Set(Buffer.from('\0\t\n\f\r ()<>[]{}/%'))

/** A sheet's record in a workbook, and its type for Excel 4.0 macros ([MS-XLS], section 2.4.28). */
const BOUND_SHEET = 0x85
const MACRO_SHEET = 1
const BEGINNING = 0x809
const END = 0x0a
/** Records at a workbook's beginning that are looked at; real ones state their sheets within some hundred. */
const MOST_RECORDS = 10_000

/** Whether a PDF names its encryption, in its trailer or in the dictionary that stands for one. */
export function isEncryptedPdf(source: ByteSource): boolean {
  const step = BLOCK_BYTES - PDF_KEY.length
  for (let offset = 0; offset < source.size; offset += step) {
    const block = Buffer.from(source.read(offset, Math.min(BLOCK_BYTES, source.size - offset)))
    let at = block.indexOf(PDF_KEY)
    for (; at !== -1; at = block.indexOf(PDF_KEY, at + 1)) {
      const next = block[at + PDF_KEY.length]
      if (next !== undefined && keyEnd.has(next)) return true
    }
  }
  return false
}

/** Whether a workbook's stream, of BIFF5 or BIFF8, has a sheet of Excel 4.0 macros. */
export function hasMacroSheet(stream: ByteSource): boolean {
  let at = 0
  for (let count = 0; count < MOST_RECORDS; count += 1) {
    const head = readFields(stream, at, 4)
    if (head === undefined) return false
    const [kind, length] = [head.getUint16(0, true), head.getUint16(2, true)]
    if (count === 0 && kind !== BEGINNING) return false
    if (kind === END) return false
    if (kind === BOUND_SHEET && readFields(stream, at + 4, 6)?.getUint8(5) === MACRO_SHEET) return true
    at += 4 + length
  }
  return false
}
