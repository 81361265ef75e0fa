/**
 * What an object says or does beside its stream: scripts, file names, and strings that stand in the file in another form than a
 * reader sees. Values are walked without recursion; references are followed for scripts alone.
 */
import type { ObjectId } from './encryption.ts'
import type { ObjectIndex, PdfObject } from './object-index.ts'
import { textBytes } from './strings.ts'
import { bytesOf, entryOf, isKind, type PdfDictionary, type PdfString, type PdfValue } from './values.ts'

/** Deciphers a string of an object. */
export type Decipher = (bytes: Uint8Array, id: ObjectId) => Uint8Array

export interface Said {
  /** What scripts hold (ISO 32000-2, clause 12.6.4.17), as UTF-8 or in bytes as they are. */
  readonly scripts: readonly Uint8Array[]
  /** Other strings that were escaped, in base 16, UTF-16 or encrypted, and addresses. */
  readonly texts: readonly Uint8Array[]
  /** Whether it starts something. */
  readonly isAction: boolean
}

/** What objects say of other ones. */
export interface Mention {
  /** The object's number. */
  readonly number: number
  /** The name of the embedded file that it is (clause 7.11.4), not deciphered; absent where the object is only opened with the document. */
  readonly fileName?: Uint8Array
}

/** Names that make stock clamscan match an object's text by itself, and those of scripts. */
const actions: ReadonlySet<string> = new Set([
  'OpenAction',
  'AA',
  'Launch',
  'JavaScript',
  'JS',
  'EmbeddedFile',
])

/** What an object says. `decipher` is undefined where strings are not encrypted. */
export function whatItSays(object: PdfObject, index: ObjectIndex, decipher: Decipher | undefined): Said {
  const scripts: Uint8Array[] = []
  const texts: Uint8Array[] = []
  let isAction = false
  const { value } = object
  const isSealed = decipher !== undefined && !object.isMember
  const plain = (bytes: Uint8Array, from: PdfObject) =>
    textBytes(decipher === undefined || from.isMember ? bytes : decipher(bytes, from))
  for (const { key, item } of walk(value)) {
    if (actions.has(key ?? '') || (isKind(item, 'name') && actions.has(item.name))) isAction = true
    if (key === 'JS') {
      for (const version of index.versions(item)) {
        const bytes = bytesOf(version.value)
        if (bytes === undefined) continue
        scripts.push(plain(bytes, isKind(item, 'reference') ? version : object))
      }
    } else if (isKind(item, 'string') && (isSealed || key === 'URI' || !standsAsItIs(item)))
      texts.push(plain(item.bytes, object))
  }
  return { scripts, texts, isAction }
}

function standsAsItIs({ isPlain, bytes }: PdfString): boolean {
  return isPlain && textBytes(bytes) === bytes
}

/** Which objects an object names as files or opens with the document. */
export function mentions(value: PdfValue): readonly Mention[] {
  const found: Mention[] = []
  for (const { key, item } of walk(value)) {
    if (key === 'OpenAction' && isKind(item, 'reference')) found.push({ number: item.number })
    if (!isKind(item, 'dictionary')) continue
    const files = entryOf(item, 'EF')
    if (!isKind(files, 'dictionary')) continue
    const fileName = fileNameOf(item)
    for (const [, file] of files.entries)
      if (isKind(file, 'reference')) found.push({ number: file.number, ...(fileName && { fileName }) })
  }
  return found
}

/** Table 43: the name in Unicode goes before the older ones. */
function fileNameOf(specification: PdfDictionary): Uint8Array | undefined {
  return ['UF', 'F', 'Unix', 'DOS', 'Mac'].map((key) => bytesOf(entryOf(specification, key))).find(Boolean)
}

/** A value and all values in it, each with the key that it stands under. */
function* walk(value: PdfValue): Generator<{ readonly key: string | undefined; readonly item: PdfValue }> {
  const waiting: { readonly key: string | undefined; readonly item: PdfValue }[] = [
    { key: undefined, item: value },
  ]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next
    const { item } = next
    if (isKind(item, 'array')) for (const inner of item.items) waiting.push({ key: next.key, item: inner })
    else if (isKind(item, 'dictionary'))
      for (const [key, inner] of item.entries) waiting.push({ key, item: inner })
  }
}
