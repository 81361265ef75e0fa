/**
 * What a document says of itself that a caller may want to be told: that it holds macros. Looked for only when it is asked for; what it
 * says is believed, and nothing is decoded.
 */
import type { ByteSource } from '../byte-source.ts'
import { readFields } from '../structure/fields.ts'

/** A sheet's record in a workbook, and its type for Excel 4.0 macros ([MS-XLS], section 2.4.28). */
const BOUND_SHEET = 0x85
const MACRO_SHEET = 1
const BEGINNING = 0x809
const END = 0x0a
/** Records at a workbook's beginning that are looked at; real ones state their sheets within some hundred. */
const MOST_RECORDS = 10_000

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
