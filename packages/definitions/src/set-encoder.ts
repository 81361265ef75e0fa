/**
 * The set as it grows, signature by signature: each is judged as a whole, and then written by the encoders of its kind. Which
 * section holds what is theirs; here they are only joined.
 */
import { createCertificateEncoder } from './certificate-encoder.ts'
import { createConditionEncoder } from './condition-encoder.ts'
import type { Descriptions } from './description.ts'
import { createEntryRuleEncoder } from './entry-rules.ts'
import { MIDDLE_ANCHOR_BYTES } from './filter-layout.ts'
import { createHashCollector, type HashCollector } from './hash-encoder.ts'
import { createIconEncoder } from './icon-lines.ts'
import { masked, type SectionContents } from './join-sections.ts'
import { type HashTableName, hashTableNames, hashTables } from './layout.ts'
import { createLinkEncoder } from './link-tables.ts'
import { createLogicalEncoder } from './logical-encoder.ts'
import { expandMacros, type MacroGroups } from './macro-groups.ts'
import { withinSub } from './parse/ldb.ts'
import { Refusal } from './parse/pattern.ts'
import type { Parsed } from './parse/signature-file.ts'
import type { RuleSignature } from './parse/yara/judge-rules.ts'
import { createPatternEncoder, type PlannedPart, planPattern, refuseTooGeneral } from './pattern-encoder.ts'
import { createRuleEncoder } from './rule-encoder.ts'
import { createSignatureNames } from './signature-names.ts'
import { createTypeRuleEncoder } from './type-rules.ts'

/** Enough to look at; who wants all reads the texts. */
const COSTLY_NAMES = 20

/** A line that belongs into a set. */
export type Detecting = Exclude<Parsed, { kind: 'ignore' }>
type Named = Exclude<Detecting, { kind: 'type' | 'member' | 'link' | 'address' | 'icon' }>

/** Signatures that cost a look at every byte: how many, and the names of some. */
export interface CostlySignatures {
  readonly count: number
  readonly names: readonly string[]
}

export interface SetEncoder {
  /** Adds a signature, or says why it cannot be searched for; then nothing of it is in the set. */
  add(line: Detecting): Refusal | undefined
  readonly costly: CostlySignatures
  sections(): SectionContents
}

/** An empty set, for signatures whose macros mean these groups. */
export function createSetEncoder(descriptions: Descriptions, groups: MacroGroups): SetEncoder {
  const names = createSignatureNames(descriptions)
  const patterns = createPatternEncoder()
  const conditions = createConditionEncoder(patterns.pool)
  const logicals = createLogicalEncoder(patterns, conditions)
  const entries = createEntryRuleEncoder()
  const certificates = createCertificateEncoder()
  const types = createTypeRuleEncoder()
  const links = createLinkEncoder()
  const icons = createIconEncoder()
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
    if (line.kind === 'certificate') {
      certificates.refuseMore()
      return (signature) => certificates.add(line, signature)
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
        if (line.kind === 'link' || line.kind === 'address') {
          links.add(line)
          return undefined
        }
        if (line.kind === 'icon') {
          icons.add(line)
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
        ...certificates.sections(),
        ...links.sections(),
        icons: icons.bytes(),
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
