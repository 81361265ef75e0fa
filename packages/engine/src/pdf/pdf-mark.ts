/** Where a PDF begins: readers take its header (ISO 32000-2, clause 7.5.2) behind other bytes too. */
import type { ByteSource } from '../byte-source.ts'

/** Stock takes small letters for one too. */
const mark = /%pdf-/i

/** As clamscan 1.4.6 was seen to look for it, which is where readers do: the mark ends within so many bytes. */
const MARK_REACH_BYTES = 1022

/** Whether the first bytes of a content hold the mark. */
export function headHoldsPdf(head: string): boolean {
  return mark.test(head.slice(0, MARK_REACH_BYTES))
}

/** The same of a content. Throws what its source throws. */
export function holdsPdf(source: ByteSource): boolean {
  return headHoldsPdf(Buffer.from(source.read(0, Math.min(source.size, MARK_REACH_BYTES))).toString('latin1'))
}
