/**
 * Universal Mach-O files, which hold one program for each of several processors (Apple's "Mach-O File Format Reference":
 * fat_header, fat_arch). Each is a content of its own, as in ClamAV; they lie in the file as they are.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { readFields } from '../structure/fields.ts'
import { type Shortfall, tooManyEntries, type UnpackedPart } from './container.ts'
import { sliceSource } from './slice-source.ts'

const HEADER_BYTES = 8
const ROW_BYTES = 20
/** What states more is a Java class (file-type.ts). */
const MOST_PROGRAMS = 31

const cut: Shortfall = { reason: 'damaged', detail: 'the file breaks off' }

/** The programs. A size of 0 means all to the file's end, as clamscan takes it; what would begin among the headers is none. */
export async function* unpackUniversal(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  const header = readFields(source, 0, HEADER_BYTES)
  if (header === undefined) return
  const count = Math.min(header.getUint32(4), MOST_PROGRAMS)
  const headersEnd = HEADER_BYTES + count * ROW_BYTES
  for (let index = 0; index < count; index += 1) {
    budget.check()
    const row = readFields(source, HEADER_BYTES + index * ROW_BYTES, ROW_BYTES)
    if (row === undefined) {
      yield { kind: 'unscanned', shortfall: cut }
      return
    }
    const offset = row.getUint32(8)
    if (offset < headersEnd) continue
    if (!budget.takeEntry()) {
      yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
      return
    }
    const label = `program ${index + 1}`
    if (offset >= source.size) {
      yield { kind: 'unscanned', label, shortfall: cut }
      continue
    }
    const present = source.size - offset
    const size = row.getUint32(12) || present
    const content = sliceSource(source, offset, Math.min(size, present))
    yield size <= present
      ? { kind: 'content', label, content }
      : { kind: 'content', label, content, shortfall: cut }
  }
}
