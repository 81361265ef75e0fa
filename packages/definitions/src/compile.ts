/**
 * Signature texts → one definitions file. The flow: parse every file, leave out ignored names, judge and encode what is
 * left in the order it was given, join the sections, seal. The same input gives the same bytes, on every machine.
 */
import { createHash } from 'node:crypto'
import { createConditionEncoder } from './condition-encoder.ts'
import { DefinitionsError } from './definitions-error.ts'
import type { Descriptions } from './description.ts'
import { createEntryRuleEncoder } from './entry-rules.ts'
import { MIDDLE_ANCHOR_BYTES } from './filter-layout.ts'
import { createHashCollector, type HashCollector } from './hash-encoder.ts'
import { joinSections, masked, type SectionContents } from './join-sections.ts'
import { type HashTableName, hashTableNames, hashTables } from './layout.ts'
import { createLogicalEncoder } from './logical-encoder.ts'
import { expandMacros, type MacroGroups, macroGroupsOf } from './macro-groups.ts'
import { withinSub } from './parse/ldb.ts'
import { Refusal } from './parse/pattern.ts'
import {
  formatOf,
  judgedLines,
  type Parsed,
  type RefusedLine,
  type SignatureFile,
} from './parse/signature-file.ts'
import { createUnsupportedFormats, type UnsupportedFormat } from './parse/unsupported.ts'
import type { RuleSignature } from './parse/yara/judge-rules.ts'
import { createPatternEncoder, type PlannedPart, planPattern, refuseTooGeneral } from './pattern-encoder.ts'
import { createRefusals, type RefusalSummary } from './refusals.ts'
import { createRuleEncoder } from './rule-encoder.ts'
import type { SetAccount } from './sets/expand-sets.ts'
import { createSignatureNames } from './signature-names.ts'
import { createTypeRuleEncoder } from './type-rules.ts'

export interface CompileInput {
  /** The set's version: 1 to 64 visible ASCII characters. Compared for equality only. */
  readonly version: string
  /** RFC 3339 in UTC. */
  readonly createdAt: string
  /** ClamAV texts; the format is told by the name's ending: hdb, hsb, mdb, msb, imp, ndb, sdb, db, ldb, cdb, ftm, fp, sfp, ign2, yar, yara. */
  readonly files: readonly SignatureFile[]
  /** What became of the signature sets that some of the files are from. */
  readonly sets?: readonly SetAccount[]
  readonly descriptions?: Descriptions
  /** Told the number of lines read so far, every million lines. */
  readonly onProgress?: (lines: number) => void
}

/** A YARA rule of the set, and who judges it. */
export interface RuleAccount {
  readonly file: string
  readonly line: number
  readonly name: string
  /** The matcher alone; the rule engine, of contents in which the matcher finds what must be there; or of every content. */
  readonly judge: 'matcher' | 'engine' | 'engine-always'
  /** Why not the matcher. */
  readonly reason?: string
}

/** What stands behind the format where rules are counted. */
const judgeNotes: { readonly [Judge in RuleAccount['judge']]: string } = {
  matcher: '',
  engine: ' (rule engine)',
  'engine-always': ' (rule engine, every file)',
}

/** What came of the texts. */
export interface CompileSummary extends RefusalSummary {
  readonly version: string
  readonly createdAt: string
  /** SHA-256 of the whole file, lower-case hexadecimal. */
  readonly sha256: string
  readonly bytes: number
  /** Signatures in the set, by format (the file names' endings); of YARA rules also by who judges them. */
  readonly counts: Readonly<Record<string, number>>
  /** Lines for other ClamAV functionality levels than this engine's. */
  readonly skipped: number
  /** Signatures left out because an .ign2 file names them. */
  readonly ignored: number
  /**
   * Signatures that cost a look at every byte of all contents they are for, since a part of theirs has no four fixed bytes in a row: how many,
   * and the first names.
   */
  readonly costly: { readonly count: number; readonly names: readonly string[] }
  /** Signatures in formats that are known and not evaluated. */
  readonly unsupported: readonly UnsupportedFormat[]
  /** The signature sets that were given; one that is refused is among the refused lines too. */
  readonly sets: readonly SetAccount[]
  /** The YARA rules among the signatures. */
  readonly rules: readonly RuleAccount[]
}

/** Enough to look at; who wants all reads the texts. */
const COSTLY_NAMES = 20

/** Every few seconds. */
const PROGRESS_LINES = 1_000_000

/**
 * Compiles. Malformed and unusable lines are refused one by one, in the summary; only a bad version, date or description
 * fails the whole (DefinitionsError `bad-input`). Files that are read in pieces are never in memory whole.
 */
export function compileDefinitions(input: CompileInput): { bytes: Uint8Array; summary: CompileSummary } {
  checkInput(input)
  const isIgnored = ignoredBy(input.files)
  const set = createSet(input.descriptions ?? {}, macroGroupsOf(input.files, isIgnored))
  const { sets = [] } = input
  const refusals = createRefusals()
  for (const refused of sets.flatMap(refusedSet)) refusals.add(refused)
  const unsupported = createUnsupportedFormats()
  const counts: Record<string, number> = {}
  const rules: RuleAccount[] = []
  let skipped = 0
  let ignored = 0
  let lines = 0
  for (const file of input.files) {
    const format = formatOf(file)
    if (unsupported.take(format, file)) continue
    for (const { source, outcome } of judgedLines(file)) {
      lines += 1
      if (lines % PROGRESS_LINES === 0) input.onProgress?.(lines)
      if (outcome === 'skipped') {
        skipped += 1
        continue
      }
      if (!(outcome instanceof Refusal)) {
        if (outcome.kind === 'ignore') continue
        if (outcome.kind !== 'type' && isIgnored(outcome.name, source.text)) {
          ignored += 1
          continue
        }
      }
      const refusal = outcome instanceof Refusal ? outcome : set.add(outcome)
      if (refusal === undefined) {
        const rule = outcome instanceof Refusal || outcome.kind !== 'rule' ? undefined : accountOf(outcome)
        if (rule !== undefined) rules.push({ file: file.name, line: source.number, ...rule })
        const kind = `${format}${rule === undefined ? '' : judgeNotes[rule.judge]}`
        counts[kind] = (counts[kind] ?? 0) + 1
      } else refusals.add({ file: file.name, line: source.number, reason: refusal.message })
    }
  }
  const bytes = joinSections(input.version, input.createdAt, set.sections())
  const { version, createdAt } = input
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const told = {
    counts,
    skipped,
    ignored,
    ...refusals.summary(),
    unsupported: unsupported.list(),
    sets,
    rules,
  }
  const { costly } = set
  return { bytes, summary: { version, createdAt, sha256, bytes: bytes.length, ...told, costly } }
}

function accountOf({ name, engine, forms }: RuleSignature): Omit<RuleAccount, 'file' | 'line'> {
  if (engine === undefined) return { name, judge: 'matcher' }
  return { name, judge: forms.length === 0 ? 'engine-always' : 'engine', reason: engine.reason }
}

function refusedSet({ file, outcome, reason = '' }: SetAccount): RefusedLine[] {
  return outcome === 'refused' ? [{ file, line: 0, reason }] : []
}

function checkInput({ version, createdAt }: CompileInput): void {
  if (!/^[\x21-\x7e]{1,64}$/.test(version)) {
    throw new DefinitionsError(
      'bad-input',
      `The version "${version}" is not 1 to 64 visible ASCII characters.`,
    )
  }
  if (
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(createdAt) ||
    Number.isNaN(Date.parse(createdAt))
  ) {
    throw new DefinitionsError(
      'bad-input',
      `"${createdAt}" is not a time in UTC such as 2026-11-24T00:00:00Z.`,
    )
  }
}

/** What the .ign2 files among these name. */
function ignoredBy(files: readonly SignatureFile[]): (name: string, line: string) => boolean {
  const byName = new Map<string, (string | undefined)[]>()
  for (const file of files) {
    if (formatOf(file) !== 'ign2') continue
    for (const { outcome } of judgedLines(file)) {
      if (outcome === 'skipped' || outcome instanceof Refusal || outcome.kind !== 'ignore') continue
      byName.set(outcome.name, [...(byName.get(outcome.name) ?? []), outcome.lineMd5])
    }
  }
  return (name, line) => {
    const wanted = byName.get(name)
    if (wanted === undefined) return false
    const md5 = createHash('md5').update(line).digest('hex')
    return wanted.some((lineMd5) => lineMd5 === undefined || lineMd5 === md5)
  }
}

type Detecting = Exclude<Parsed, { kind: 'ignore' }>
type Named = Exclude<Detecting, { kind: 'type' | 'member' }>

/** The set as it grows, signature by signature. */
function createSet(
  descriptions: Descriptions,
  groups: MacroGroups,
): {
  /** Adds a signature, or says why it cannot be searched for; then nothing of it is in the set. */
  add(line: Detecting): Refusal | undefined
  readonly costly: CompileSummary['costly']
  sections(): SectionContents
} {
  const names = createSignatureNames(descriptions)
  const patterns = createPatternEncoder()
  const conditions = createConditionEncoder(patterns.pool)
  const logicals = createLogicalEncoder(patterns, conditions)
  const entries = createEntryRuleEncoder()
  const types = createTypeRuleEncoder()
  const rules = createRuleEncoder()
  const ruleNames = new Set<string>()
  const hashes = perTable((name) => createHashCollector(hashTables[name]))
  const costly = { count: 0, names: [] as string[] }

  function noteCost(name: string, plans: readonly (readonly PlannedPart[])[]): void {
    if (!plans.flat().some(({ anchor }) => anchor.length < MIDDLE_ANCHOR_BYTES)) return
    costly.count += 1
    if (costly.names.length < COSTLY_NAMES) costly.names.push(name)
  }

  /** What the matcher looks for of a rule, and what the rule engine judges by. */
  function ruleEncoder(line: RuleSignature): (signature: number) => void {
    if (ruleNames.has(line.name)) throw new Refusal(`there is a rule ${line.name} already`)
    const plans = line.forms.map(({ patterns: own }) => own.map(planPattern))
    ruleNames.add(line.name)
    return (signature) => {
      noteCost(line.name, plans.flat())
      line.forms.forEach((form, index) => {
        logicals.add(form, plans[index] ?? [], signature)
      })
      if (line.engine !== undefined) rules.add(line, line.engine.text, signature)
    }
  }

  /** Judges a line, and answers with what writes it. Throws Refusal, and then nothing is written. */
  function encoderOf(line: Named): (signature: number) => void {
    if (line.kind === 'rule') return ruleEncoder(line)
    if (line.kind === 'logical') {
      const patterns = expandMacros(line, groups)
      const plans = patterns.map(planPattern)
      for (const { sub, condition } of line.conditions) {
        withinSub(sub, () => conditions.refuseMalformed(condition))
      }
      return (signature) => {
        noteCost(line.name, plans)
        logicals.add({ ...line, patterns }, plans, signature)
      }
    }
    if (line.kind === 'pattern') {
      refuseTooGeneral(line)
      const plan = planPattern(line)
      return (signature) => {
        noteCost(line.name, [plan])
        patterns.add(line, plan, { signature })
      }
    }
    if (line.kind === 'entry') {
      entries.refuseMore()
      return (signature) => entries.add(line, signature)
    }
    return (signature) => hashes[line.table].add(line.hex, line.size, signature)
  }

  return {
    costly,
    add(line) {
      try {
        // A group's pattern is in those signatures that ask for the group.
        if (line.kind === 'member') return undefined
        if (line.kind === 'type') {
          types.add(line)
          return undefined
        }
        const encode = encoderOf(line)
        // Nobody is told about a private rule: it stands in those that speak of it.
        if (line.kind === 'rule' && line.isPrivate) return undefined
        encode(
          names.add(line.name, line.kind === 'rule' && line.engine === undefined ? 'logical' : line.kind),
        )
        return undefined
      } catch (error) {
        if (error instanceof Refusal) return error
        throw error
      }
    },
    sections() {
      return {
        ...patterns.sections(),
        logicals: logicals.logicals.bytes(),
        operations: logicals.operations.bytes(),
        conditions: conditions.conditions.bytes(),
        triggers: conditions.triggers.bytes(),
        circumstances: logicals.circumstances.bytes(),
        ...rules.sections(),
        bytes: masked(patterns.pool.bytes()),
        entryRules: entries.bytes(),
        typeRules: types.bytes(),
        ...names.sections(),
        ...hashSections(hashes),
      }
    },
  }
}

type HashSections = Record<HashTableName | `${HashTableName}${'Directory' | 'Filter' | 'Sizes'}`, Uint8Array>

function hashSections(hashes: Readonly<Record<HashTableName, HashCollector>>): HashSections {
  const named = hashTableNames.flatMap((name) => {
    const { table, directory, filter, sizes } = hashes[name].encode()
    return [
      [name, table],
      [`${name}Directory`, directory],
      [`${name}Filter`, filter],
      [`${name}Sizes`, sizes],
    ] as const
  })
  return Object.fromEntries(named) as HashSections
}

function perTable<Value>(make: (name: HashTableName) => Value): Readonly<Record<HashTableName, Value>> {
  return Object.fromEntries(hashTableNames.map((name) => [name, make(name)])) as Record<HashTableName, Value>
}
