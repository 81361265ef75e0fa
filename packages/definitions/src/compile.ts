/**
 * Signature texts → one definitions file. The flow: parse every file, leave out ignored names, judge and encode what is
 * left in the order it was given, join the sections, seal. The same input gives the same bytes, on every machine.
 */
import { createHash } from 'node:crypto'
import type { TakenLine } from './additions/signature-key.ts'
import { DefinitionsError } from './definitions-error.ts'
import type { Descriptions } from './description.ts'
import { joinSections } from './join-sections.ts'
import { macroGroupsOf } from './macro-groups.ts'
import { Refusal } from './parse/pattern.ts'
import { formatOf, judgedLines, type RefusedLine, type SignatureFile } from './parse/signature-file.ts'
import { createUnsupportedFormats, type UnsupportedFormat } from './parse/unsupported.ts'
import type { RuleSignature } from './parse/yara/judge-rules.ts'
import { createRefusals, type RefusalSummary } from './refusals.ts'
import { type CostlySignatures, createSetEncoder } from './set-encoder.ts'
import type { SetAccount } from './sets/expand-sets.ts'
import { isAskedFor, type UnwantedCategories, unwantedFormats } from './unwanted-programs.ts'

export interface CompileInput {
  /** The set's version: 1 to 64 visible ASCII characters. Compared for equality only. */
  readonly version: string
  /** RFC 3339 in UTC. */
  readonly createdAt: string
  /** ClamAV texts; the format is told by the name's ending: hdb, hsb, mdb, msb, imp, ndb, sdb, db, ldb, cdb, crb, ftm, pdb, wdb, gdb, idb, fp, sfp, ign2, yar, yara. */
  readonly files: readonly SignatureFile[]
  /** What became of the signature sets that some of the files are from. */
  readonly sets?: readonly SetAccount[]
  readonly descriptions?: Descriptions
  /** Whether a signature of this name is to be left out, as if an .ign2 file named it. */
  readonly isLeftOut?: (name: string) => boolean
  /** Asks for signatures of programs that may be unwanted (hdu, hsu, mdu, msu, ndu, ldu), by category. Absent: they are counted, and not taken. */
  readonly unwanted?: UnwantedCategories
  /** Told the number of lines read so far, every million lines. */
  readonly onProgress?: (lines: number) => void
  /** Told each line that is in the set, in their order. */
  readonly onTaken?: (taken: TakenLine) => void
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
  readonly costly: CostlySignatures
  /** Signatures in formats that are known and not evaluated. */
  readonly unsupported: readonly UnsupportedFormat[]
  /** The signature sets that were given; one that is refused is among the refused lines too. */
  readonly sets: readonly SetAccount[]
  /** The YARA rules among the signatures. */
  readonly rules: readonly RuleAccount[]
}

/** Every few seconds. */
const PROGRESS_LINES = 1_000_000

/**
 * Compiles. Malformed and unusable lines are refused one by one, in the summary; only a bad version, date or description
 * fails the whole (DefinitionsError `bad-input`). Files that are read in pieces are never in memory whole.
 */
export function compileDefinitions(input: CompileInput): { bytes: Uint8Array; summary: CompileSummary } {
  checkInput(input)
  const isNamed = ignoredBy(input.files)
  const isIgnored = (name: string, line: string) => isNamed(name, line) || input.isLeftOut?.(name) === true
  const groups = macroGroupsOf(input.files, isIgnored)
  const set = createSetEncoder(input.descriptions ?? {}, groups)
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
    const categories = Object.hasOwn(unwantedFormats, format) ? input.unwanted : undefined
    if (categories === undefined && unsupported.take(format, file)) continue
    for (const { source, outcome } of judgedLines(file)) {
      lines += 1
      if (lines % PROGRESS_LINES === 0) input.onProgress?.(lines)
      if (outcome === 'skipped') {
        skipped += 1
        continue
      }
      if (!(outcome instanceof Refusal)) {
        if (outcome.kind === 'ignore') continue
        if (categories !== undefined && 'name' in outcome && !isAskedFor(outcome.name, categories)) continue
        if ('name' in outcome && isIgnored(outcome.name, source.text)) {
          ignored += 1
          continue
        }
      }
      const refusal = outcome instanceof Refusal ? outcome : set.add(outcome)
      if (refusal === undefined) {
        if (!(outcome instanceof Refusal)) input.onTaken?.({ line: outcome, file, text: source.text, groups })
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
