/** Shell links ([MS-SHLLINK], sections 2.1 to 2.4), which start programs: the arguments of their command line are a content, a text. */

import type { Budget } from '../budget.ts'
import { type ByteSource, bytesSource } from '../byte-source.ts'
import { readFields } from '../structure/fields.ts'
import { tooManyEntries, type UnpackedPart } from './container.ts'
import { wideText } from './wide-text.ts'

const HEADER_BYTES = 76
const HAS_TARGET = 1
const HAS_INFORMATION = 2
const IS_WIDE = 0x80
/** Name, relative path, working folder, arguments: each is there if its bit is set, in this order. */
const strings = [4, 8, 16, 32]
const ARGUMENTS = 32

/** The arguments, in UTF-8; nothing where there are none or the link is damaged before them. */
export async function* unpackShellLink(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  const flags = readFields(source, 0, HEADER_BYTES)?.getUint32(20, true) ?? 0
  let at = HEADER_BYTES
  // What breaks off leads behind the end.
  if ((flags & HAS_TARGET) !== 0) at += 2 + (readFields(source, at, 2)?.getUint16(0, true) ?? source.size)
  if ((flags & HAS_INFORMATION) !== 0) at += readFields(source, at, 4)?.getUint32(0, true) ?? source.size
  for (const flag of strings) {
    if ((flags & flag) === 0) continue
    const length = readFields(source, at, 2)?.getUint16(0, true)
    if (length === undefined) {
      yield { kind: 'unscanned', shortfall: { reason: 'damaged', detail: 'the link breaks off' } }
      return
    }
    const bytes = (flags & IS_WIDE) === 0 ? length : 2 * length
    if (flag === ARGUMENTS && length > 0) {
      if (!budget.takeEntry()) {
        yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
        return
      }
      const view = source.read(at + 2, bytes)
      const text = bytes === length ? Buffer.from(view).toString('latin1') : wideText(view)
      yield { kind: 'content', label: 'arguments', content: bytesSource(Buffer.from(text)) }
    }
    at += 2 + bytes
  }
}
