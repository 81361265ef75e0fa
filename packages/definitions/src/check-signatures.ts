/** Checks that names, categories, descriptions and hash tables of a set hold only what the compiler writes. */
import {
  type HashAlgorithm,
  hashAlgorithms,
  hashBytes,
  hashEntry,
  NONE,
  severities,
  signature,
  signatureKinds,
} from './layout.ts'
import { malformed, type SectionViews } from './section-views.ts'

/** Throws DefinitionsError `malformed`. */
export function checkSignatures(views: SectionViews): void {
  checkTexts(views)
  const words = views.words('signatures')
  const strings = views.bytes('strings')
  for (let index = 0; index < views.counts.signatures; index += 1) {
    const at = index * signature.words
    const packed = words[at + signature.packed] ?? 0
    const end = (words[at + signature.nameOffset] ?? 0) + (packed & 0xffff)
    const description = words[at + signature.description] ?? 0
    if (
      end > views.counts.strings ||
      (packed & 0xffff) === 0 ||
      ((packed >>> 16) & 0xff) >= signatureKinds.length ||
      packed >>> 24 >= severities.length ||
      (words[at + signature.category] ?? 0) >= views.counts.texts ||
      (description !== NONE && description >= views.counts.texts)
    ) {
      throw malformed(`signature ${index} points outside`)
    }
    if (!isVisible(strings, words[at + signature.nameOffset] ?? 0, end)) {
      throw malformed(`the name of signature ${index} is not visible ASCII`)
    }
  }
  for (const algorithm of hashAlgorithms) checkHashes(views, algorithm)
}

/** A name is one word in logs and in ClamAV's answers; anything else in it could forge a line of them. */
function isVisible(strings: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const byte = strings[at] ?? 0
    if (byte < 0x21 || byte > 0x7e) return false
  }
  return true
}

function checkTexts(views: SectionViews): void {
  const words = views.words('texts')
  for (let index = 0; index < words.length; index += 2) {
    if ((words[index] ?? 0) + (words[index + 1] ?? 0) > views.counts.strings) {
      throw malformed(`text ${index / 2} points outside`)
    }
  }
}

function checkHashes(views: SectionViews, algorithm: HashAlgorithm): void {
  const words = views.words(algorithm)
  const signatures = views.words('signatures')
  const entryWords = (hashBytes[algorithm] + hashEntry.tailBytes) / 4
  const hashWords = hashBytes[algorithm] / 4
  const sizes = views.words(`${algorithm}Sizes`)
  const known = new Set<number>()
  for (const [index, size] of sizes.entries()) {
    if (index > 0 && size <= (sizes[index - 1] ?? 0))
      throw malformed(`the sizes of ${algorithm} are not in order`)
    known.add(size)
  }
  const bytes = views.bytes(algorithm)
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const entryBytes = entryWords * 4
  for (let index = 0; index < views.counts[algorithm]; index += 1) {
    const tail = index * entryWords + hashWords
    const size = words[tail + hashEntry.sizeWord] ?? 0
    const owner = words[tail + hashEntry.signatureWord] ?? 0
    const kind = ((signatures[owner * signature.words + signature.packed] ?? 0) >>> 16) & 0xff
    if (
      owner >= views.counts.signatures ||
      (kind !== signatureKinds.indexOf('hash') && kind !== signatureKinds.indexOf('allow'))
    ) {
      throw malformed(`${algorithm} ${index} belongs to no hash signature`)
    }
    if (size === 0 || !known.has(size)) throw malformed(`${algorithm} ${index} has a size that is not listed`)
    const at = index * entryBytes
    const before = at - entryBytes
    if (
      index > 0 &&
      buffer.compare(buffer, before, before + hashBytes[algorithm], at, at + hashBytes[algorithm]) < 0
    ) {
      throw malformed(`the table of ${algorithm} is not in order`)
    }
  }
}
