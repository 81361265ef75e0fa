/**
 * Gzip (RFC 1952): one content, of one or several members. Its name stands in the header when the packer put it there.
 */
import type { Budget } from '../budget.ts'
import { type ByteSource, bytesSource } from '../byte-source.ts'
import { entryLabel } from '../inner-path.ts'
import type { UnpackedPart, UnpackMeans } from './container.ts'
import { tooManyEntries } from './container.ts'
import { inflate } from './inflate.ts'
import { wholeOf } from './long-stream.ts'

/** Long enough for the fixed header, a small extra field and any name worth showing. */
const HEADER_BYTES = 1024

const FEXTRA = 4
const FNAME = 8

/** The one content of a gzip file; a stream that breaks off or breaks its format keeps what came before. */
export async function* unpackGzip(
  source: ByteSource,
  budget: Budget,
  means: UnpackMeans,
): AsyncGenerator<UnpackedPart> {
  if (!budget.takeEntry()) {
    yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
    return
  }
  const label = entryLabel(originalName(source))
  const { bytes, shortfall } = await inflate(source, 'gzip', statedSize(source), budget)
  const content = bytesSource(bytes)
  const part = { kind: 'content', label, content } as const
  yield* wholeOf(shortfall === undefined ? part : { ...part, shortfall }, 'gzip', source, budget, means)
}

/** FNAME (section 2.3.1), latin-1 and zero-terminated, behind the optional extra field. */
function originalName(source: ByteSource): string {
  const head = Buffer.from(source.read(0, Math.min(HEADER_BYTES, source.size)))
  const flags = head[3] ?? 0
  if ((flags & FNAME) === 0) return 'content'
  let start = 10
  if ((flags & FEXTRA) !== 0) {
    if (head.length < 12) return 'content'
    start = 12 + head.readUInt16LE(10)
  }
  const end = head.indexOf(0, start)
  const name = end === -1 ? '' : head.toString('latin1', start, end)
  return name === '' ? 'content' : name
}

/** ISIZE (section 2.3.1): the last member's size modulo 2^32, a hint that may lie. */
function statedSize(source: ByteSource): number {
  if (source.size < 18) return 0
  const tail = source.read(source.size - 4, 4)
  return Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength).readUInt32LE(0)
}
