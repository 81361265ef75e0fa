/**
 * What signatures are called: on their way into the stored sections, where names that differ only in their number
 * share a stem, and out of them again, one at a time, checked as they are read.
 */
import { type Descriptions, describe } from './description.ts'
import {
  NONE,
  type Severity,
  type SignatureKind,
  severities,
  signature,
  signatureKinds,
  stem,
} from './layout.ts'
import { createBytePool, createWordBuffer } from './record-buffer.ts'
import { malformed, type SectionViews } from './section-views.ts'
import { StemIndex } from './stem-index.ts'

/** What is known of one signature. */
export interface Signature {
  readonly name: string
  readonly kind: SignatureKind
  readonly severity: Severity
  readonly category: string
  readonly description: string | undefined
}

type NameSections = 'signatures' | 'stems' | 'texts' | 'strings'

export interface SignatureNames {
  /** Adds a signature and gives it its id. Throws DefinitionsError `bad-input` for a description that is none. */
  add(name: string, kind: SignatureKind): number
  sections(): Record<NameSections, Uint8Array>
}

export function createSignatureNames(descriptions: Descriptions): SignatureNames {
  const signatures = createWordBuffer()
  const stems = createWordBuffer()
  const texts = createWordBuffer()
  const strings = createBytePool()
  const textIndexes = new Map<string, number>()
  const stemIndex = new StemIndex()

  function text(value: string): number {
    const known = textIndexes.get(value)
    if (known !== undefined) return known
    const encoded = Buffer.from(value)
    texts.push(strings.place(encoded), encoded.length)
    textIndexes.set(value, textIndexes.size)
    return textIndexes.size - 1
  }

  /** The record for signatures of a kind whose names begin and end so, with a number between. */
  function stemOf(before: string, after: string, kind: SignatureKind): number {
    const number = signatureKinds.indexOf(kind)
    const known = stemIndex.find(before, after, number)
    if (known !== -1) return known
    const { severity, category, description } = describe(before + after, descriptions)
    const encoded = Buffer.from(before + after)
    const packed =
      encoded.length | (before.length << 8) | (number << 16) | (severities.indexOf(severity) << 24)
    stems.push(strings.place(encoded), packed)
    stems.push(text(category), description === undefined ? NONE : text(description))
    return stemIndex.add(before, after, number)
  }

  return {
    add(name, kind) {
      const id = signatures.length / signature.words
      // What is said of a name is said of that one alone.
      const cut = Object.hasOwn(descriptions, name) ? undefined : cutAtSerial(name)
      if (cut === undefined) signatures.push(stemOf(name, '', kind), NONE)
      else signatures.push(stemOf(cut.before, cut.after, kind), cut.serial)
      return id
    },
    sections: () => ({
      signatures: signatures.bytes(),
      stems: stems.bytes(),
      texts: texts.bytes(),
      strings: strings.bytes(),
    }),
  }
}

/**
 * A name's number and what stands around it: `Win.Trojan.Agent-6312832-0`, or without the last, its revision. Only numbers that are written in
 * the one way a number is.
 */
function cutAtSerial(name: string): { before: string; after: string; serial: number } | undefined {
  const [, before = '', digits = '', after = ''] = /^(.+?-)(0|[1-9]\d{0,9})(-\d{1,4})?$/.exec(name) ?? []
  const serial = Number(digits)
  return digits !== '' && serial < NONE ? { before, after, serial } : undefined
}

/** Reads signatures by id. Throws RangeError for an id that there is none of, and as SectionViews.stored does. */
export function signatureReader(views: SectionViews): (id: number) => Signature {
  const count = views.counts.signatures
  const string = (offset: number, length: number) => {
    if (length > NAME_OR_TEXT_MAX_BYTES) throw malformed(`a text of ${length} bytes`)
    return views.stored('strings', offset, length).toString('utf8')
  }
  const text = (index: number) => {
    const record = views.stored('texts', index * 8, 8)
    return string(record.readUInt32LE(0), record.readUInt32LE(4))
  }
  return (id) => {
    if (!Number.isInteger(id) || id < 0 || id >= count) {
      throw new RangeError(`There is no signature ${id} among ${count}.`)
    }
    const [stemIndex, serial] = words(views.stored('signatures', id * signature.words * 4, 8), 2)
    const [nameOffset, packed, category, description] = words(
      views.stored('stems', (stemIndex as number) * stem.words * 4, 16),
      4,
    ) as [number, number, number, number]
    const own = string(nameOffset, packed & 0xff)
    const place = (packed >>> 8) & 0xff
    const kind = signatureKinds[(packed >>> 16) & 0xff]
    const severity = severities[packed >>> 24]
    // A name is one word in logs and in ClamAV's answers; anything else in it could forge a line of them.
    if (kind === undefined || severity === undefined || !/^[\x21-\x7e]{1,255}$/.test(own)) {
      throw malformed(`signature ${id} holds an impossible value`)
    }
    return {
      name: serial === NONE ? own : `${own.slice(0, place)}${serial}${own.slice(place)}`,
      kind,
      severity,
      category: text(category),
      description: description === NONE ? undefined : text(description),
    }
  }
}

/** Four thousand characters of UTF-8, as the compiler takes at most. */
const NAME_OR_TEXT_MAX_BYTES = 16_000

function words(record: Buffer, count: number): number[] {
  return Array.from({ length: count }, (_, index) => record.readUInt32LE(4 * index))
}
