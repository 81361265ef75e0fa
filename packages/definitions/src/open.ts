/**
 * A definitions file → definitions ready for use. Everything in the file is checked here, once; from then on nothing in
 * it is doubted. Nothing is copied: the file may lie in memory that many threads share, and must not change.
 */
import { checkLogicals } from './check-logicals.ts'
import { checkPatterns } from './check-patterns.ts'
import { checkSignatures } from './check-signatures.ts'
import { type HashTable, hashTable } from './hash-table.ts'
import {
  type HashAlgorithm,
  NONE,
  type Severity,
  type SignatureKind,
  severities,
  signature,
  signatureKinds,
} from './layout.ts'
import { type SectionViews, viewSections } from './section-views.ts'

/** What is known of one signature. */
export interface Signature {
  readonly name: string
  readonly kind: SignatureKind
  readonly severity: Severity
  readonly category: string
  readonly description: string | undefined
}

/** The sections a pattern matcher works on; layout.ts says where what stands. Checked, so every index may be followed. */
export interface PatternTables {
  readonly patternCount: number
  readonly partCount: number
  readonly patterns: Uint32Array
  readonly parts: Uint32Array
  readonly elements: Uint32Array
  readonly logicalCount: number
  readonly logicals: Uint32Array
  readonly operations: Uint32Array
  readonly bytes: Uint8Array
}

export interface Definitions {
  readonly version: string
  /** RFC 3339 in UTC. */
  readonly createdAt: string
  readonly signatureCount: number
  /** The signature of an id, 0 up to `signatureCount`. Throws RangeError for any other. */
  signature(id: number): Signature
  readonly hashes: Readonly<Record<HashAlgorithm, HashTable>>
  readonly patternTables: PatternTables
}

/**
 * Opens and checks a definitions file (docs/formats/definitions.md). Throws DefinitionsError with the code of what is
 * wrong: `truncated`, `not-definitions`, `foreign-layout`, `checksum` or `malformed`.
 *
 * @example const definitions = openDefinitions(readFileSync('current.definitions'))
 */
export function openDefinitions(bytes: Uint8Array): Definitions {
  const views = viewSections(bytes)
  checkSignatures(views)
  checkPatterns(views)
  checkLogicals(views)
  return {
    version: views.version,
    createdAt: views.createdAt,
    signatureCount: views.counts.signatures,
    signature: signatureReader(views),
    hashes: {
      md5: hashTable(views, 'md5'),
      sha1: hashTable(views, 'sha1'),
      sha256: hashTable(views, 'sha256'),
    },
    patternTables: {
      patternCount: views.counts.patterns,
      partCount: views.counts.parts,
      patterns: views.words('patterns'),
      parts: views.words('parts'),
      elements: views.words('elements'),
      logicalCount: views.counts.logicals,
      logicals: views.words('logicals'),
      operations: views.words('operations'),
      bytes: views.bytes('bytes'),
    },
  }
}

function signatureReader(views: SectionViews): (id: number) => Signature {
  const words = views.words('signatures')
  const texts = views.words('texts')
  const strings = views.bytes('strings')
  const string = (offset: number, length: number) =>
    // The copy is for decoders that refuse shared memory.
    Buffer.from(strings.slice(offset, offset + length)).toString('utf8')
  const text = (index: number) => string(texts[2 * index] ?? 0, texts[2 * index + 1] ?? 0)
  return (id) => {
    if (!Number.isInteger(id) || id < 0 || id >= views.counts.signatures) {
      throw new RangeError(`There is no signature ${id} among ${views.counts.signatures}.`)
    }
    const at = id * signature.words
    const packed = words[at + signature.packed] ?? 0
    const description = words[at + signature.description] ?? NONE
    return {
      name: string(words[at + signature.nameOffset] ?? 0, packed & 0xffff),
      kind: signatureKinds[(packed >>> 16) & 0xff] ?? 'pattern',
      severity: severities[packed >>> 24] ?? 'high',
      category: text(words[at + signature.category] ?? 0),
      description: description === NONE ? undefined : text(description),
    }
  }
}
