/**
 * Streams whose dictionary or object is broken: found by their keyword, with the filters that are named before it. Stock clamscan tells filters
 * by their names alone, and so does what mends documents.
 */
import type { ByteSource } from '../byte-source.ts'
import { filterName, isFilter } from './filters.ts'
import { type Keywords, lastPlace } from './keyword-scan.ts'
import type { ObjectIndex, PdfObject, StreamPlace } from './object-index.ts'
import type { PdfName, PdfValue } from './values.ts'

/** What is looked at before a stream, in bytes; dictionaries of streams are shorter. */
const TEXT_MAX_BYTES = 4096

const WORD = 'stream'

/** A line's end must follow: the word stands in texts too. */
const opening = /^stream[ \t]*(?:\r\n?|\n)/
const OPENING_BYTES = 32

/** The filters named in the text of a dictionary, as its entry would have them. */
export function filtersInText(
  source: ByteSource,
  place: { readonly start: number; readonly end: number } | undefined,
): PdfValue | undefined {
  if (place === undefined) return undefined
  const start = Math.max(place.start, place.end - TEXT_MAX_BYTES)
  const text = Buffer.from(source.read(start, place.end - start)).toString('latin1')
  const names = [...text.matchAll(/\/([A-Za-z0-9]+)/g)].map(([, name = '']) => filterName(name))
  const items = names.filter(isFilter).map((name): PdfName => ({ kind: 'name', name }))
  return items.length === 0 ? undefined : { kind: 'array', items }
}

/** The streams that lie in none of the places that are claimed. */
export function* looseStreams(
  source: ByteSource,
  { keywords, index }: { readonly keywords: Keywords; readonly index: ObjectIndex },
  claimed: readonly StreamPlace[],
): Generator<PdfObject> {
  const byStart = [...claimed].sort((one, other) => one.start - other.start)
  let next = 0
  /** The claimed places before a keyword reach up to here. */
  let reached = 0
  let before = 0
  for (const at of keywords.streams) {
    for (; (byStart[next]?.start ?? Number.POSITIVE_INFINITY) <= at + OPENING_BYTES; next += 1) {
      const { start, length } = byStart[next] ?? { start: 0, length: 0 }
      reached = Math.max(reached, start + length)
    }
    if (at < reached) continue
    const near = Buffer.from(source.read(at, Math.min(OPENING_BYTES, source.size - at))).toString('latin1')
    const [found] = opening.exec(near) ?? []
    if (found === undefined) continue
    const place = { start: Math.max(before, lastPlace(keywords.objectEnds, at) ?? 0), end: at }
    const entry = filtersInText(source, place)
    const value: PdfValue = {
      kind: 'dictionary',
      entries: entry === undefined ? [] : [['Filter', entry]],
    }
    before = at + WORD.length
    const stream = index.streamAt(at + found.length, value)
    reached = Math.max(reached, stream.start + stream.length)
    yield { number: 0, generation: 0, value, isMember: false, isCut: false, stream }
  }
}
