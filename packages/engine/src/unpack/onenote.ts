/** Files in a section of OneNote ([MS-ONESTORE], section 2.6.13, FileDataStoreObject): each lies whole behind its own identifier, wherever it is. */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { readFields } from '../structure/fields.ts'
import { placeOfBytes } from './byte-search.ts'
import { tooManyEntries, type UnpackedPart } from './container.ts'
import { sliceSource } from './slice-source.ts'

/** {BDE316E7-2665-4511-A4C4-8D4D0B7A9EAC} */
const OBJECT = Buffer.from('e716e3bd65261145a4c48d4d0b7a9eac', 'hex')
/** The identifier, a length of 8 bytes, 4 unused and 8 reserved ones. */
const HEADER_BYTES = 36

/** The files, in the order in which they lie. */
export async function* unpackOneNote(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  let count = 0
  let at = placeOfBytes(source, OBJECT, 0, budget.check)
  while (at !== -1) {
    const header = readFields(source, at, HEADER_BYTES)
    if (header === undefined) return
    const stated = Number(header.getBigUint64(16, true))
    const start = at + HEADER_BYTES
    const size = Math.min(stated, source.size - start)
    if (size > 0) {
      if (!budget.takeEntry()) {
        yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
        return
      }
      count += 1
      const part = {
        kind: 'content',
        label: `file ${count}`,
        content: sliceSource(source, start, size),
      } as const
      const shortfall = { reason: 'damaged', detail: 'the file breaks off' } as const
      yield size === stated ? part : { ...part, shortfall }
    }
    // What a length says hides nothing: the next one is looked for right behind this identifier.
    at = placeOfBytes(source, OBJECT, at + OBJECT.length, budget.check)
  }
}
