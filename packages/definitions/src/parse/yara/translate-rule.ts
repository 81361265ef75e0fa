/**
 * A rule → logical signatures. Where the matcher can judge all of the condition they are the rule. Where it cannot, they are
 * what must hold whenever the rule does: contents that do not meet them need not be given to the rule engine. What cannot be
 * judged is taken for true, in a condition whose negations stand at its strings alone.
 */
import { OPERATIONS_MAX, SUBSIGNATURES_MAX } from '../../layout.ts'
import type { Operation } from '../expression.ts'
import type { LogicalSignature, SubPattern } from '../ldb.ts'
import { type PatternOffset, type PatternPart, Refusal } from '../pattern.ts'
import { and, atLeast, count, type Holding, holdsOfNothing, operationsOf, or } from './holding.ts'
import type { Condition, Place, Rule } from './rule.ts'
import { type StringPatterns, stringPatterns } from './string-patterns.ts'

export type LogicalForm = Omit<LogicalSignature, 'kind' | 'name'>

export interface TranslatedRule {
  /** Why the rule engine must judge it; undefined when the forms are the rule. */
  readonly inexact: string | undefined
  /** One for each target. None when the rule may hold where nothing is found. */
  readonly forms: readonly LogicalForm[]
  /** Contents of other sizes need not be looked at. */
  readonly fileSize: LogicalForm['fileSize']
}

const SIZE_MAX = 0xffffffff

const ANYWHERE: Place = { kind: 'any' }

/** A rule that speaks of rules that speak of rules multiplies out; ours, and small enough for the stack. */
const STEPS_MAX = 2_000

/** The targets whose contents have entry points. */
const entryTargets = [1, 6, 9]

/** Translates a rule. Throws Refusal for one that cannot hold, and for an entry point that cannot be judged. */
export function translateRule(rule: Rule): TranslatedRule {
  const sizes = sizesOf(rule.condition)
  if (sizes !== undefined && sizes.min > SIZE_MAX)
    throw new Refusal('it asks for contents of more than 4 GiB')
  if (sizes !== undefined && sizes.min > sizes.max) throw new Refusal('no content has the size it asks for')
  // Two bytes at a place cost a look at every byte of every content: only a rule that has nothing better is searched by them.
  const careful = translate(rule, undefined, false)
  const general = isAlways(careful) ? translate(rule, undefined, true) : careful
  if (!general.asksForEntry) {
    const { holding, inexact } = general
    if (holding === false) throw new Refusal('its condition cannot hold')
    if (isAlways(general) || holding === true)
      return { inexact: inexact ?? 'it may hold where nothing is found', forms: [], fileSize: sizes }
    return { inexact, forms: [formOf(general, holding, 0, sizes)], fileSize: sizes }
  }
  const forms = [0, ...entryTargets].flatMap((target) => {
    const translated = translate(rule, target, true)
    if (translated.inexact !== undefined)
      throw new Refusal(`entrypoint beside what only the rule engine judges: ${translated.inexact}`)
    const { holding } = translated
    if (holding === false) return []
    if (isAlways(translated) || holding === true)
      throw new Refusal('it asks for entrypoint and may hold where nothing is found')
    return [formOf(translated, holding, target, sizes)]
  })
  return { inexact: undefined, forms, fileSize: sizes }
}

/** The sizes that the condition as a whole allows; undefined when it allows all. */
function sizesOf(condition: Condition): { min: number; max: number } | undefined {
  if (condition.kind === 'and') {
    const ranges = condition.operands.map(sizesOf).filter((range) => range !== undefined)
    if (ranges.length === 0) return undefined
    return { min: Math.max(...ranges.map(({ min }) => min)), max: Math.min(...ranges.map(({ max }) => max)) }
  }
  if (condition.kind !== 'size') return undefined
  const { relation, bound } = condition
  if (relation === 'more') return { min: bound + 1, max: SIZE_MAX }
  if (relation === 'less') return { min: 0, max: Math.min(bound - 1, SIZE_MAX) }
  return { min: bound, max: bound }
}

interface Translation {
  readonly holding: Holding
  readonly inexact: string | undefined
  readonly asksForEntry: boolean
  readonly patterns: readonly SubPattern[]
}

function isAlways({ holding }: Translation): boolean {
  return holdsOfNothing(holding)
}

/**
 * `target`: for contents of which target; undefined when that does not matter. `shortReads`: whether two bytes at a place are searched
 * for, or taken for true.
 */
function translate(rule: Rule, target: number | undefined, shortReads: boolean): Translation {
  const subs = new Map<string, number>()
  const patterns: SubPattern[] = []
  const known = new Map<string, StringPatterns | undefined>()
  let inexact: string | undefined
  let asksForEntry = false
  let steps = 0

  function unjudged(reason: string): true {
    inexact ??= reason
    return true
  }

  function entered(
    key: string,
    offset: PatternOffset,
    found: readonly (readonly PatternPart[])[],
  ): number | undefined {
    const old = subs.get(key)
    if (old !== undefined) return old
    if (subs.size === SUBSIGNATURES_MAX) return undefined
    const sub = subs.size
    subs.set(key, sub)
    for (const parts of found) patterns.push({ target: target ?? 0, offset, parts, sub })
    return sub
  }

  /** A string at a place: how often it was found there compares so, or not so. */
  function string(
    owner: Rule,
    id: string,
    place: Place,
    asked: { relation: 'more' | 'less' | 'equal'; bound: number },
    negated: boolean,
  ): Holding {
    const key = `${owner.name} ${id}`
    const own = owner.strings.find((one) => one.id === id)
    if (!known.has(key)) known.set(key, own && stringPatterns(own))
    const found = known.get(key)
    if (found === undefined) return unjudged(`the string ${id} is none that the matcher finds`)
    if (place.kind === 'entry') {
      asksForEntry = true
      if (negated) throw new Refusal('entrypoint in what must not be')
      if (target === 0) return false
    }
    const isPresence = asked.relation === 'more' && asked.bound === 0
    const at = found.exact ? place : ANYWHERE
    const present = () => entered(`${key} ${JSON.stringify(at)}`, offsetOf(at), found.patterns)
    if (!found.exact || !(isPresence || found.counted)) {
      unjudged(
        found.exact
          ? `matches of the string ${id} are counted`
          : `the string ${id} is none that the matcher finds`,
      )
      if (negated || asked.relation !== 'more') return true
      const sub = present()
      return sub === undefined ? true : count(sub, 'more', 0)
    }
    const sub = present()
    if (sub === undefined) return unjudged(`more than ${SUBSIGNATURES_MAX} strings`)
    if (!negated) return count(sub, asked.relation, asked.bound)
    if (asked.relation === 'equal')
      return or([count(sub, 'less', asked.bound), count(sub, 'more', asked.bound)])
    return asked.relation === 'more'
      ? count(sub, 'less', asked.bound + 1)
      : asked.bound === 0
        ? true
        : count(sub, 'more', asked.bound - 1)
  }

  function bytes(offset: number, hex: string, negated: boolean): Holding {
    if (hex.length < 4) return unjudged('a single byte is read')
    if (hex.length === 4 && !shortReads) return unjudged('two bytes at a place are left to the rule engine')
    const literal = Uint8Array.from(Buffer.from(hex, 'hex'))
    const parts: PatternPart[] = [{ elements: [{ kind: 'literal', bytes: literal }], edges: [] }]
    const sub = entered(`${hex} ${offset}`, { kind: 'start', distance: offset, maxShift: 0 }, [parts])
    if (sub === undefined) return unjudged(`more than ${SUBSIGNATURES_MAX} strings`)
    return negated ? count(sub, 'equal', 0) : count(sub, 'more', 0)
  }

  function judge(condition: Condition, owner: Rule, negated: boolean, outermost: boolean): Holding {
    steps += 1
    if (steps > STEPS_MAX) return unjudged('the condition with those of the rules it speaks of is too long')
    switch (condition.kind) {
      case 'constant':
        return condition.value !== negated
      case 'not':
        return judge(condition.operand, owner, !negated, false)
      case 'and':
      case 'or': {
        const isAnd = (condition.kind === 'and') !== negated
        const operands = condition.operands.map((one) =>
          judge(one, owner, negated, outermost && isAnd && !negated),
        )
        return isAnd ? and(operands) : or(operands)
      }
      case 'present':
        return string(owner, condition.id, condition.place, { relation: 'more', bound: 0 }, negated)
      case 'count':
        return string(owner, condition.id, { kind: 'any' }, condition, negated)
      case 'of': {
        const { ids, least, place } = condition
        const each = ids.map((id) => string(owner, id, place, { relation: 'more', bound: 0 }, negated))
        return atLeast(negated ? ids.length - least + 1 : least, each)
      }
      case 'bytes':
        return bytes(condition.offset, condition.hex, negated)
      case 'size':
        return outermost && owner === rule ? true : unjudged('the size within a choice')
      case 'rule': {
        const used = owner.uses.find(({ name }) => name === condition.name)
        // A rule that is not known is a variable, or a mistake; the rule engine will say.
        return used === undefined
          ? unjudged(`the name ${condition.name}`)
          : judge(used.condition, used, negated, false)
      }
      case 'foreign':
        return unjudged(condition.what)
    }
  }

  const holding = judge(rule.condition, rule, false, true)
  return { holding, inexact, asksForEntry, patterns }
}

function offsetOf(place: Place): PatternOffset {
  if (place.kind === 'any') return { kind: 'any' }
  if (place.kind === 'entry') return { kind: 'entryAfter', distance: 0, maxShift: 0 }
  return { kind: 'start', distance: place.from, maxShift: place.to - place.from }
}

/** The subs that the expression has no use for are left out, and the others numbered anew. */
function formOf(
  { patterns }: Translation,
  holding: Exclude<Holding, boolean>,
  target: number,
  fileSize: LogicalForm['fileSize'],
): LogicalForm {
  const steps = operationsOf(holding)
  if (steps.length > OPERATIONS_MAX) throw new Refusal(`a condition of more than ${OPERATIONS_MAX} steps`)
  const used = [...new Set(steps.flatMap((step) => (step.kind === 'count' ? [step.sub] : [])))].sort(
    (a, b) => a - b,
  )
  const operations = steps.map(
    (step): Operation => (step.kind === 'count' ? { ...step, sub: used.indexOf(step.sub) } : step),
  )
  const kept = patterns.flatMap((pattern) =>
    used.includes(pattern.sub) ? [{ ...pattern, sub: used.indexOf(pattern.sub) }] : [],
  )
  return {
    target,
    fileSize,
    operations,
    circumstances: undefined,
    macros: [],
    conditions: [],
    patterns: kept.map((pattern) => ({ ...pattern, target })),
  }
}
