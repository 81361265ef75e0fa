/**
 * A PDF opened: its objects by number, how they are deciphered, which of them hold others, and what they call one another. Everything is
 * taken from the objects themselves, wherever they lie; no table of cross-references is believed, and none is needed.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { mentions } from './active-content.ts'
import { type Decryption, documentIdOf, type ObjectId, openEncryption } from './encryption.ts'
import { type Keywords, type ObjectPlace, scanKeywords } from './keyword-scan.ts'
import { createObjectIndex, type ObjectIndex } from './object-index.ts'
import { isObjectStream } from './object-stream.ts'
import { entryOf, type PdfValue } from './values.ts'

export interface PdfDocument {
  readonly keywords: Keywords
  readonly index: ObjectIndex
  /** Undefined where nothing is encrypted, or it does not open without a password. */
  readonly decryption: Decryption | undefined
  /** Whether it is encrypted, in one of its versions at least, and does not open. */
  readonly isLocked: boolean
  readonly objectStreams: readonly ObjectPlace[]
  /** Notes what an object says of others; a member of an object stream has no `id`. */
  note(value: PdfValue, id: ObjectId | undefined): void
  /** The name of the embedded file that an object is. */
  fileName(number: number): Uint8Array | undefined
  /** Whether it is opened with the document. */
  isOpened(number: number): boolean
}

/** Versions of a document that are encrypted otherwise than the others; honest ones are all encrypted in one way. */
const MOST_ENCRYPTIONS = 16

/** Opens a document. Throws the budget's errors and what the source throws. */
export function openDocument(source: ByteSource, budget: Budget): PdfDocument {
  const keywords = scanKeywords(source, budget)
  const index = createObjectIndex(source, keywords, budget)
  const names = new Map<number, { readonly bytes: Uint8Array; readonly id: ObjectId | undefined }>()
  const opened = new Set<number>()
  const note = (value: PdfValue, id: ObjectId | undefined) => {
    for (const { number, fileName } of mentions(value)) {
      if (fileName === undefined) opened.add(number)
      else names.set(number, { bytes: fileName, id })
    }
  }
  const objectStreams: ObjectPlace[] = []
  const encrypted: PdfValue[] = []
  const noteTrailer = (value: PdfValue) => {
    if (entryOf(value, 'Encrypt') !== undefined) encrypted.push(value)
  }
  for (const place of keywords.objects) {
    const object = index.read(place)
    if (object === undefined) break
    note(object.value, object)
    noteTrailer(object.value)
    if (object.stream !== undefined && isObjectStream(object.value)) objectStreams.push(place)
  }
  for (const at of keywords.trailers.slice(-MOST_ENCRYPTIONS)) noteTrailer(index.valueAt(at))
  const decryptions = encrypted.slice(-MOST_ENCRYPTIONS).map((trailer) => decryptionOf(trailer, index))
  const decryption = decryptions.findLast((opens) => opens !== undefined)
  return {
    keywords,
    index,
    decryption,
    isLocked: decryptions.includes(undefined),
    objectStreams,
    note,
    fileName(number) {
      const name = names.get(number)
      if (name === undefined || name.id === undefined || decryption === undefined) return name?.bytes
      return decryption.string(name.bytes, name.id)
    },
    isOpened: (number) => opened.has(number),
  }
}

/** The first version of the encryption that opens. */
function decryptionOf(trailer: PdfValue, index: ObjectIndex): Decryption | undefined {
  const documentId = documentIdOf(trailer, index.resolve)
  for (const { value } of index.versions(entryOf(trailer, 'Encrypt'))) {
    const decryption = openEncryption(value, documentId, index.resolve)
    if (decryption !== undefined) return decryption
  }
  return undefined
}
