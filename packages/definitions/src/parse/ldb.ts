/**
 * ClamAV .ldb: `Name;TargetDescription;Expression;Sub0;Sub1;…`, several patterns and what must hold of how often each is
 * found (ClamAV manual, "Logical signatures").
 */
import { SUBSIGNATURES_MAX } from '../layout.ts'
import type { Condition } from './condition.ts'
import { type Operation, parseExpression } from './expression.ts'
import { fieldsOf, signatureName } from './line.ts'
import type { Macro } from './macro.ts'
import { type PlacedPattern, Refusal } from './pattern.ts'
import { parseSubsignature } from './subsignature.ts'
import { parseTargetDescription, type TargetDescription } from './target-description.ts'

/** A pattern of a logical signature; `sub` is the number by which the expression knows it. */
export interface SubPattern extends PlacedPattern {
  readonly sub: number
}

/** A sub-signature that is no pattern, and its number. */
export interface SubCondition {
  readonly sub: number
  readonly condition: Condition
}

/** A macro and its number: it becomes patterns when the groups are known. */
export interface SubMacro {
  readonly sub: number
  readonly macro: Macro
}

export interface LogicalSignature extends TargetDescription {
  readonly kind: 'logical'
  readonly name: string
  readonly operations: readonly Operation[]
  readonly patterns: readonly SubPattern[]
  readonly conditions: readonly SubCondition[]
  readonly macros: readonly SubMacro[]
}

/** In which order conditions are looked at: regular expressions last, as in ClamAV. */
const places: readonly Condition['kind'][] = ['image', 'bytes', 'regex']

/** Reads one line. Throws Refusal. */
export function parseLdb(line: string): LogicalSignature | 'skipped' {
  const [name, description = '', expression = '', ...subs] = fieldsOf(line, ';', 4, 3 + SUBSIGNATURES_MAX)
  const checkedName = signatureName(name)
  const described = parseTargetDescription(description)
  if (described === 'skipped') return 'skipped'
  const operations = parseExpression(expression)
  const patterns: SubPattern[] = []
  const conditions: SubCondition[] = []
  const macros: SubMacro[] = []
  subs.forEach((text, sub) => {
    const read = withinSub(sub, () => parseSubsignature(text, sub, described.target))
    if ('kind' in read && read.kind === 'macro') macros.push({ sub, macro: read })
    else if ('kind' in read) conditions.push({ sub, condition: read })
    else patterns.push(...read.map((placed) => ({ ...placed, sub })))
  })
  const used =
    operations.reduce((most, step) => (step.kind === 'count' ? Math.max(most, step.sub) : most), 0) + 1
  if (used !== subs.length) {
    throw new Refusal(`${subs.length} sub-signatures where the expression speaks of ${used}`)
  }
  refuseAstray(conditions, patterns)
  conditions.sort(
    (a, b) => places.indexOf(a.condition.kind) - places.indexOf(b.condition.kind) || a.sub - b.sub,
  )
  return { kind: 'logical', name: checkedName, ...described, operations, patterns, conditions, macros }
}

/** Does something for a sub-signature; a Refusal says which one it was. */
export function withinSub<Value>(sub: number, act: () => Value): Value {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Refusal(`sub-signature ${sub}: ${error.message}`)
  }
}

/** A number stands near a match that was found in the search. Throws Refusal. */
function refuseAstray(conditions: readonly SubCondition[], patterns: readonly SubPattern[]): void {
  for (const { sub, condition } of conditions) {
    if (condition.kind === 'bytes' && !patterns.some((pattern) => pattern.sub === condition.near)) {
      throw new Refusal(
        `sub-signature ${sub}: sub-signature ${condition.near}, which it stands near, is no pattern`,
      )
    }
  }
}
