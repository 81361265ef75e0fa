/**
 * PDF documents (ISO 32000-2) as containers: each stream is a content, decoded, and so are scripts and strings that stand in the file in
 * another form than a reader sees. Flow: the document is opened → its object streams → all other objects in the order of the file → objects
 * of object streams → strings.
 */
import type { Budget } from '../budget.ts'
import { type ByteSource, bytesSource } from '../byte-source.ts'
import { entryLabel } from '../inner-path.ts'
import { type Shortfall, tooManyEntries, type UnpackedPart } from '../unpack/container.ts'
import { type ContentBuffer, createContentBuffer } from '../unpack/content-buffer.ts'
import { sliceSource } from '../unpack/slice-source.ts'
import type { UnscannedReason } from '../verdict.ts'
import { whatItSays } from './active-content.ts'
import { openDocument, type PdfDocument } from './document.ts'
import { looseStreams } from './loose-streams.ts'
import type { PdfObject, StreamPlace } from './object-index.ts'
import { type MemberPlace, membersOf } from './object-stream.ts'
import { holdsPdf } from './pdf-mark.ts'
import { readingsOf } from './stream-content.ts'
import { textBytes } from './strings.ts'
import { readValue } from './value-reader.ts'
import { entryOf } from './values.ts'

/** Object streams that are kept so that objects in them can be referred to, in bytes. */
const KEPT_MAX_BYTES = 64 * 1024 * 1024

/** Strings of a document that are gathered into one content, in bytes. */
const TEXTS_MAX_BYTES = 16 * 1024 * 1024

/** Honest streams lie beside one another, and a document within another once; what is more makes work out of nothing. */
const OVERLAP_TIMES = 4
const OVERLAP_BASE_BYTES = 1024 * 1024

const LINE_END = Buffer.from('\n')

/** What the parts of a document are made from. */
interface Unpacking {
  readonly source: ByteSource
  readonly budget: Budget
  readonly document: PdfDocument
  readonly texts: ContentBuffer
  /** Counts a stream's bytes as they lie; false when streams must overlap. */
  takeRaw(bytes: number): boolean
}

/** An object stream that is open. */
interface OpenStream {
  readonly bytes: Uint8Array
  readonly members: readonly MemberPlace[]
}

/** The contents of a document. */
export async function* unpackPdf(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  const document = openDocument(source, budget)
  const texts = createContentBuffer(textsMaxBytes(budget), 0)
  let left = OVERLAP_TIMES * source.size + OVERLAP_BASE_BYTES
  const takeRaw = (bytes: number) => {
    left -= bytes
    return left >= 0
  }
  for await (const part of partsOf({ source, budget, document, texts, takeRaw })) {
    if (part.kind === 'content' && !budget.takeEntry()) {
      yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
      return
    }
    yield part
  }
}

async function* partsOf(unpacking: Unpacking): AsyncGenerator<UnpackedPart> {
  const { document, texts, budget } = unpacking
  if (document.keywords.isCut) yield unscanned('too-many-entries', 'it has more objects than are looked at')
  if (document.isLocked) yield unscanned('encrypted', 'the document needs a password')
  const open: OpenStream[] = []
  yield* objectStreamParts(unpacking, open)
  const claimed: StreamPlace[] = []
  yield* objectParts(unpacking, claimed)
  yield* looseParts(unpacking, claimed)
  for (const { bytes, members } of open) {
    for (const { number, at, end } of members) {
      budget.check()
      const { value } = readValue(bytes, at)
      const object = { number, generation: 0, value, isMember: true, isCut: false }
      yield* spokenParts(object, bytesSource(bytes.subarray(at, end)), unpacking)
    }
  }
  if (document.index.isExhausted) yield unscanned('budget-exceeded', 'its objects overlap, or are very many')
  if (texts.length > 0) yield madeContent('strings', texts.bytes(), budget)
  const textsMax = textsMaxBytes(budget)
  // A full one was cut, or might as well have been.
  if (texts.length >= textsMax)
    yield unscanned('too-large', `its strings come to ${textsMax} bytes or more`, 'strings')
}

function textsMaxBytes({ heldBytes }: Budget): number {
  return Math.min(TEXTS_MAX_BYTES, heldBytes)
}

/** The object streams, which become known to the index and are added to those that are open. */
async function* objectStreamParts(unpacking: Unpacking, open: OpenStream[]): AsyncGenerator<UnpackedPart> {
  const { document, takeRaw } = unpacking
  let kept = 0
  for (const place of document.objectStreams) {
    const object = document.index.read(place)
    if (object === undefined || !takeRaw(object.stream?.length ?? 0)) return
    for await (const part of streamParts(object, unpacking)) {
      yield part
      if (part.kind !== 'content') continue
      const bytes = part.content.read(0, part.content.size)
      kept += bytes.length
      if (kept > KEPT_MAX_BYTES) {
        yield unscanned('budget-exceeded', 'its object streams are larger than what is kept of them')
        return
      }
      const members = membersOf(bytes, document.index.resolve(entryOf(object.value, 'First')))
      open.push({ bytes, members })
      for (const { number, at } of members) {
        document.index.addMember(number, bytes, at)
        document.note(readValue(bytes, at).value, undefined)
      }
    }
  }
}

/** All objects that lie in the file by themselves; where their streams lie is added to what is claimed. */
async function* objectParts(unpacking: Unpacking, claimed: StreamPlace[]): AsyncGenerator<UnpackedPart> {
  const { source, document, budget, takeRaw } = unpacking
  const seen = new Set(document.objectStreams)
  /** Up to where a document within this one has been given as a whole. */
  let given = 0
  for (const place of document.keywords.objects) {
    budget.check()
    if (place.start < given) continue
    const object = document.index.read(place)
    if (object === undefined) return
    const { stream, isCut, value, place: lies = { start: 0, end: 0 } } = object
    if (isCut) yield unscanned('too-large', 'the object is longer than what is read of one', labelOf(object))
    const text = sliceSource(source, lies.start, lies.end - lies.start)
    yield* spokenParts(object, stream === undefined ? text : undefined, unpacking)
    if (stream === undefined) continue
    claimed.push(stream)
    if (seen.has(place)) continue
    if (!takeRaw(stream.length)) {
      yield unscanned('damaged', 'its streams overlap')
      return
    }
    const isPlain = entryOf(value, 'Filter', 'F') === undefined
    if (isPlain && holdsPdf(sliceSource(source, stream.start, stream.length)))
      given = stream.start + stream.length
    yield* streamParts(object, unpacking)
  }
}

/** Streams that no object leads to, since what stands before them is broken. */
async function* looseParts(
  unpacking: Unpacking,
  claimed: readonly StreamPlace[],
): AsyncGenerator<UnpackedPart> {
  const { source, document, budget, takeRaw } = unpacking
  for (const object of looseStreams(source, document, claimed)) {
    budget.check()
    if (!takeRaw(object.stream?.length ?? 0)) {
      yield unscanned('damaged', 'its streams overlap')
      return
    }
    yield* streamParts(object, unpacking)
  }
}

/** A stream's content, named as a file where it is one. */
async function* streamParts(
  object: PdfObject,
  { source, document, budget }: Unpacking,
): AsyncGenerator<UnpackedPart> {
  const { index, decryption, isLocked } = document
  const name = document.fileName(object.number)
  const label = name === undefined ? labelOf(object) : entryLabel(Buffer.from(textBytes(name)).toString())
  // What is encrypted decodes to nothing, or, without a filter, is noise.
  const isNoise = isLocked && decryption === undefined
  if (isNoise && entryOf(object.value, 'Filter', 'F') === undefined) return
  for await (const { content, shortfall } of readingsOf(object, { source, index, decryption, budget })) {
    if (isNoise && shortfall?.reason === 'damaged') continue
    if (content.size > 0) yield { kind: 'content', label, content, ...(shortfall && { shortfall }) }
    else if (shortfall !== undefined) yield { kind: 'unscanned', label, shortfall }
  }
}

/** The scripts of an object, and its text where it starts something; other strings are gathered. */
function* spokenParts(
  object: PdfObject,
  text: ByteSource | undefined,
  { document, texts, budget }: Unpacking,
): Generator<UnpackedPart> {
  const { index, decryption } = document
  const said = whatItSays(object, index, decryption?.string)
  for (const script of said.scripts) yield madeContent(`${labelOf(object)} script`, script, budget)
  for (const bytes of said.texts) if (texts.append(bytes)) texts.append(LINE_END)
  if (text !== undefined && (said.isAction || document.isOpened(object.number)))
    yield { kind: 'content', label: labelOf(object), content: text }
}

/** A content that was made here, if there may be any more. */
function madeContent(label: string, bytes: Uint8Array, budget: Budget): UnpackedPart {
  if (budget.takeContent(bytes.length)) return { kind: 'content', label, content: bytesSource(bytes) }
  return unscanned('budget-exceeded', `the limit is ${budget.limits.maxTotalContentBytes} bytes`, label)
}

function labelOf({ number }: PdfObject): string {
  // Of a stream that no object leads to nothing is known.
  return number === 0 ? 'stream' : `object ${number}`
}

function unscanned(reason: UnscannedReason, detail: string, label?: string): UnpackedPart {
  const shortfall: Shortfall = { reason, detail }
  return { kind: 'unscanned', shortfall, ...(label === undefined ? {} : { label }) }
}
