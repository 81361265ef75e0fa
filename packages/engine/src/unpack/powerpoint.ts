/**
 * Objects in the main stream of a presentation ([MS-PPT], sections 2.3.1 and 2.10.34 to 2.10.36): embedded documents, controls and the project of
 * macros are compound files in records of one type, deflated as a rule.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { bytesSource } from '../byte-source.ts'
import { readFields } from '../structure/fields.ts'
import type { Shortfall, UnpackedPart } from './container.ts'
import { inflate } from './inflate.ts'
import { sliceSource } from './slice-source.ts'

const HEADER_BYTES = 8
const OBJECT_STORAGE = 0x1011
/** The size when inflated, and the two bytes that zlib puts before its data (RFC 1950). */
const SIZE_BYTES = 4
const ZLIB_HEADER_BYTES = 2

const cut: Shortfall = { reason: 'damaged', detail: 'a record breaks off' }

/** The objects, in the order of their records. */
export async function* powerpointParts(stream: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  let count = 0
  for (let at = 0; at + HEADER_BYTES <= stream.size; ) {
    budget.check()
    const header = readFields(stream, at, HEADER_BYTES)
    if (header === undefined) return
    const stated = header.getUint32(4, true)
    const start = at + HEADER_BYTES
    at = start + stated
    if (header.getUint16(2, true) !== OBJECT_STORAGE) continue
    count += 1
    const label = `object ${count}`
    const record = sliceSource(stream, start, Math.min(stated, stream.size - start))
    if (record.size === 0) yield { kind: 'unscanned', label, shortfall: cut }
    // An instance of 0 is one that is not deflated.
    else if (header.getUint16(0, true) >>> 4 === 0)
      yield { kind: 'content', label, content: record, ...(at > stream.size ? { shortfall: cut } : {}) }
    else yield await inflatedObject(label, record, budget)
  }
}

async function inflatedObject(label: string, record: ByteSource, budget: Budget): Promise<UnpackedPart> {
  const stated = readFields(record, 0, SIZE_BYTES)?.getUint32(0, true) ?? 0
  const start = Math.min(record.size, SIZE_BYTES + ZLIB_HEADER_BYTES)
  const data = sliceSource(record, start, record.size - start)
  const { bytes, shortfall } = await inflate(data, 'deflate', stated, budget)
  const content = bytesSource(bytes)
  return shortfall === undefined
    ? { kind: 'content', label, content }
    : { kind: 'content', label, content, shortfall }
}
