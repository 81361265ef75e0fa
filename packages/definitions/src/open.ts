/**
 * A definitions file → definitions ready for use. All that lies in memory is checked here, once; from then on nothing in
 * it is doubted. What is stored is checked piece by piece as it is read. Nothing is copied: the file may lie in memory that
 * many threads share, and must not change.
 */

import { type CertificateTable, certificateTable } from './certificate-table.ts'
import { checkConditions } from './check-conditions.ts'
import { checkFilters } from './check-filters.ts'
import { checkLogicals } from './check-logicals.ts'
import { checkPatterns } from './check-patterns.ts'
import { readCircumstances } from './circumstance-lines.ts'
import { type DefinitionsFile, definitionsInMemory, readHeader } from './definitions-file.ts'
import { type EntryRule, readEntryRules } from './entry-rules.ts'
import { type HashTable, hashTable } from './hash-table.ts'
import { readIcons } from './icon-lines.ts'
import { type HashTableName, hashTableNames } from './layout.ts'
import { type LinkTables, readLinkTables } from './link-tables.ts'
import type { Circumstances } from './parse/circumstances.ts'
import type { TypeRule } from './parse/ftm.ts'
import type { KnownIcon } from './parse/idb.ts'
import { type RuleRecord, ruleTable } from './rule-table.ts'
import { readHead, type SectionViews, viewSections } from './section-views.ts'
import { type Signature, signatureReader } from './signature-names.ts'
import { readTypeRules } from './type-rules.ts'

/** The sections a pattern matcher works on; layout.ts says where what stands. Checked, so every index may be followed. */
export interface PatternTables {
  readonly patternCount: number
  readonly partCount: number
  readonly patterns: Uint32Array
  readonly places: Uint32Array
  readonly parts: Uint32Array
  readonly fringes: Uint32Array
  readonly reach: Uint32Array
  readonly elements: Uint32Array
  readonly logicalCount: number
  readonly logicals: Uint32Array
  readonly operations: Uint32Array
  readonly conditionCount: number
  readonly conditions: Uint32Array
  readonly triggers: Uint32Array
  readonly circumstances: readonly Circumstances[]
  /** As they are stored: each XORed with POOL_MASK. */
  readonly bytes: Uint8Array
  readonly filters: Uint32Array
  readonly filterBits: Uint8Array
  readonly confirmBits: Uint8Array
  readonly anchorStarts: Uint32Array
  readonly anchors: Uint32Array
}

export interface Definitions {
  readonly version: string
  /** RFC 3339 in UTC. */
  readonly createdAt: string
  readonly signatureCount: number
  /**
   * The signature of an id, 0 up to `signatureCount`. Throws RangeError for any other, and DefinitionsError `checksum` or `malformed` when
   * what is stored of it is not what was compiled.
   */
  signature(id: number): Signature
  /** Reads and checks all that is stored, which is otherwise checked when it is needed. Throws as `signature` does. */
  checkStored(): void
  readonly hashes: Readonly<Record<HashTableName, HashTable>>
  readonly patternTables: PatternTables
  /** What containers say of the entries that are looked for. */
  readonly entryRules: readonly EntryRule[]
  /** How file types are told, before anything else that tells them; in the order of the texts. */
  readonly typeRules: readonly TypeRule[]
  /** Whose signatures of programs are trusted, and whose are detected. */
  readonly certificates: CertificateTable
  /** What is known of links in mails. */
  readonly links: LinkTables
  /** What icons look like that logical signatures ask for. */
  readonly icons: readonly KnownIcon[]
  /** What the rule engine judges by. */
  readonly rules: readonly RuleRecord[]
}

export interface OpenOptions {
  /** These very bytes were opened before by this process: digest and tables of patterns are not checked again. False when absent. */
  readonly isChecked?: boolean
}

/**
 * Opens and checks a definitions file (docs/formats/definitions.md). Throws DefinitionsError with the code of what is
 * wrong: `truncated`, `not-definitions`, `foreign-layout`, `checksum` or `malformed`.
 *
 * @example const definitions = openDefinitions(readFileSync('current.definitions'))
 */
export function openDefinitions(
  given: Uint8Array | DefinitionsFile,
  { isChecked = false }: OpenOptions = {},
): Definitions {
  const file = given instanceof Uint8Array ? definitionsInMemory(given) : given
  const views = viewSections(file, isChecked)
  const circumstances = readCircumstances(views)
  if (!isChecked) checkTables(views, circumstances.length)
  const tables = hashTableNames.map((name) => [name, hashTable(views, name)] as const)
  return {
    version: views.version,
    createdAt: views.createdAt,
    signatureCount: views.counts.signatures,
    signature: signatureReader(views),
    entryRules: readEntryRules(views),
    typeRules: readTypeRules(views),
    links: readLinkTables(views),
    icons: readIcons(views),
    checkStored: views.checkStored,
    rules: ruleTable(views),
    certificates: certificateTable(views),
    hashes: Object.fromEntries(tables) as Record<HashTableName, HashTable>,
    patternTables: {
      patternCount: views.counts.patterns,
      partCount: views.counts.parts,
      patterns: views.words('patterns'),
      places: views.words('places'),
      parts: views.words('parts'),
      fringes: views.words('fringes'),
      reach: views.words('reach'),
      elements: views.words('elements'),
      logicalCount: views.counts.logicals,
      logicals: views.words('logicals'),
      operations: views.words('operations'),
      conditionCount: views.counts.conditions,
      conditions: views.words('conditions'),
      triggers: views.words('triggers'),
      circumstances,
      bytes: views.bytes('bytes'),
      filters: views.words('filters'),
      filterBits: views.bytes('filterBits'),
      confirmBits: views.bytes('confirmBits'),
      anchorStarts: views.words('anchorStarts'),
      anchors: views.words('anchors'),
    },
  }
}

/** What a file says of itself. */
export interface DefinitionsSelf {
  readonly version: string
  /** RFC 3339 in UTC. */
  readonly createdAt: string
  readonly signatureCount: number
}

/**
 * Reads what an open file says of itself: its header alone, so that nothing of its contents is checked. Throws DefinitionsError as
 * `openDefinitions` does, but for `checksum`, and what reading throws.
 */
export function readDefinitionsSelf(fd: number): DefinitionsSelf {
  const { head, length } = readHeader(fd)
  const { version, createdAt, counts } = readHead(head, length)
  return { version, createdAt, signatureCount: counts.signatures }
}

function checkTables(views: SectionViews, circumstances: number): void {
  checkPatterns(views)
  checkLogicals(views, circumstances)
  checkConditions(views)
  checkFilters(views)
}
