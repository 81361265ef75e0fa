/**
 * The objects of a PDF by their places and numbers: each is read when it is asked for, and nothing is kept of it. Of an object that is there several times
 * (incremental updates, ISO 32000-2, clause 7.5.6) all versions are known. Objects of object streams are added as those are opened.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { skipWhite } from './characters.ts'
import { type Keywords, nextPlace, type ObjectPlace } from './keyword-scan.ts'
import { readValue } from './value-reader.ts'
import { countOf, entriesOf, isKind, type PdfValue } from './values.ts'

/** Where a stream's bytes lie. */
export interface StreamPlace {
  readonly start: number
  readonly length: number
}

export interface PdfObject extends Pick<ObjectPlace, 'number' | 'generation'> {
  readonly value: PdfValue
  /** Whether it comes out of an object stream, and so is not encrypted by itself. */
  readonly isMember: boolean
  /** Where it lies in the file, when it was asked for by its place. */
  readonly place?: { readonly start: number; readonly end: number }
  readonly stream?: StreamPlace
  /** Whether it is longer than what is read of one. */
  readonly isCut: boolean
}

/** An object within an object stream. */
interface Member {
  readonly bytes: Uint8Array
  readonly at: number
}

export interface ObjectIndex {
  /** The object at a place; undefined when more would be read than one file may cost. */
  read(place: ObjectPlace): PdfObject | undefined
  /** The value behind a keyword such as `trailer`. */
  valueAt(at: number): PdfValue
  /** The extent of a stream whose data begins at `start`, by what its dictionary says. */
  streamAt(start: number, dictionary: PdfValue): StreamPlace
  addMember(number: number, bytes: Uint8Array, at: number): void
  /** What a value comes to when references are followed, in each version that is known, the newest first; at most `MOST_VERSIONS`. */
  versions(value: PdfValue | undefined): readonly PdfObject[]
  /** The newest of these. */
  resolve(value: PdfValue | undefined): PdfValue | undefined
  /** Whether an object was not read because of the bound. */
  readonly isExhausted: boolean
}

/** What is read of an object first, then always four times as much, up to the last. */
const FIRST_BYTES = 256
const MOST_BYTES = 16 * 1024 * 1024

/** Bytes that objects may be read in, so that none can be read over and over: some seconds. */
const READ_BASE_BYTES = 128 * 1024 * 1024
const READ_TIMES = 8

const MOST_VERSIONS = 4
/** From reference to reference; honest ones lead to no other. */
const MOST_HOPS = 3

/** Behind a stream's stated end stands its keyword, with some white space at most. */
const END_BYTES = 32
const streamEnd = /^[\0\s]*(?:endstream|endobj)/

/** The word that a stream begins with, once or by mistake twice, and the end of its line. Blanks before that belong to neither, in readers. */
const NEAR_BYTES = 64
const streamOpening = /^(?:(?!obj|stream)[\s\S]){0,40}(?<!end)(?:stream)+(?:[ \t]*(?:\r\n?|\n))?/

const [CR, LF] = [0x0d, 0x0a]

/** Opens the index. What it gives throws the budget's errors and what the source throws. */
export function createObjectIndex(source: ByteSource, keywords: Keywords, budget: Budget): ObjectIndex {
  const members = new Map<number, Member[]>()
  const allowed = READ_BASE_BYTES + READ_TIMES * source.size
  let taken = 0
  let isExhausted = false
  let byNumber: readonly ObjectPlace[] | undefined

  function window(at: number, length: number): Buffer {
    budget.check()
    taken += length
    return Buffer.from(source.read(at, Math.min(length, source.size - at)))
  }

  function readAt(at: number) {
    for (let length = FIRST_BYTES; ; length = Math.min(MOST_BYTES, length * 4)) {
      const bytes = window(at, length)
      const result = readValue(bytes, 0)
      if (!result.isCut || length >= MOST_BYTES || at + bytes.length >= source.size)
        return { ...result, bytes }
    }
  }

  function read(place: ObjectPlace): PdfObject | undefined {
    if (taken > allowed) {
      isExhausted = true
      return undefined
    }
    const { number, generation, start, body } = place
    const { value, end, isCut, bytes } = readAt(body)
    const isLong = isCut && bytes.length >= MOST_BYTES
    const object = {
      number,
      generation,
      value,
      isMember: false,
      isCut: isLong,
      place: { start, end: body + end },
    }
    const data = isCut ? undefined : dataStart(bytes, end, body)
    return data === undefined ? object : { ...object, stream: streamAt(data, value) }
  }

  /** Where the bytes behind `stream` begin, if that follows soon: behind a comment, or in one, too. */
  function dataStart(bytes: Buffer, end: number, body: number): number | undefined {
    for (const from of [end, skipWhite(bytes, end)]) {
      const near = from + NEAR_BYTES > bytes.length ? window(body + from, NEAR_BYTES) : bytes.subarray(from)
      const opening = streamOpening.exec(near.toString('latin1', 0, NEAR_BYTES))
      if (opening !== null) return Math.min(source.size, body + from + opening[0].length)
    }
    return undefined
  }

  /** Clause 7.3.8.2: as long as it says, if it ends there; otherwise up to the next word that ends one. */
  function streamAt(start: number, value: PdfValue): StreamPlace {
    for (const stated of entriesOf(value, 'Length').flatMap((length) => versions(length))) {
      const length = countOf(stated.value)
      if (length === undefined || start + length > source.size) continue
      const behind = source.read(start + length, Math.min(END_BYTES, source.size - start - length))
      if (streamEnd.test(Buffer.from(behind).toString('latin1'))) return { start, length }
    }
    const end = nextPlace(keywords.streamEnds, start) ?? nextPlace(keywords.objectEnds, start) ?? source.size
    return { start, length: end - start - lineEndBefore(start, end) }
  }

  function lineEndBefore(start: number, end: number): number {
    const [first, last] = end - start >= 2 ? source.read(end - 2, 2) : []
    if (last === LF) return first === CR ? 2 : 1
    return last === CR ? 1 : 0
  }

  function placesOf(number: number): readonly ObjectPlace[] {
    byNumber ??= [...keywords.objects].sort(
      (one, other) => one.number - other.number || one.body - other.body,
    )
    let low = 0
    let high = byNumber.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((byNumber[middle]?.number ?? 0) <= number) low = middle + 1
      else high = middle
    }
    const found: ObjectPlace[] = []
    for (let at = low - 1; at >= 0 && found.length < MOST_VERSIONS; at -= 1) {
      const place = byNumber[at]
      if (place?.number !== number) break
      found.push(place)
    }
    return found
  }

  function versions(value: PdfValue | undefined, hops = 0): readonly PdfObject[] {
    if (value === undefined) return []
    if (!isKind(value, 'reference'))
      return [{ number: 0, generation: 0, value, isMember: true, isCut: false }]
    if (hops >= MOST_HOPS) return []
    const { number } = value
    const stored = (members.get(number) ?? []).map(({ bytes, at }) => {
      taken += FIRST_BYTES
      return { number, generation: 0, value: readValue(bytes, at).value, isMember: true, isCut: false }
    })
    const direct = placesOf(number).flatMap((place) => readSimple(place) ?? [])
    return [...direct, ...stored]
      .slice(0, MOST_VERSIONS)
      .flatMap((object) => (isKind(object.value, 'reference') ? versions(object.value, hops + 1) : [object]))
      .slice(0, MOST_VERSIONS)
  }

  /** A version for its value: where its stream lies is not asked, since lengths are told by such objects. */
  function readSimple({ number, generation, body }: ObjectPlace): PdfObject | undefined {
    if (taken > allowed) {
      isExhausted = true
      return undefined
    }
    const { value, isCut } = readAt(body)
    return { number, generation, value, isMember: false, isCut }
  }

  return {
    read,
    streamAt,
    valueAt: (at) => (taken > allowed ? null : readAt(at).value),
    addMember(number, bytes, at) {
      const known = members.get(number)
      if (known === undefined) members.set(number, [{ bytes, at }])
      else if (known.length < MOST_VERSIONS) known.unshift({ bytes, at })
    },
    versions: (value) => versions(value),
    resolve: (value) => versions(value)[0]?.value,
    get isExhausted() {
      return isExhausted
    },
  }
}
