/**
 * Checks that logical signatures hold only what the compiler writes: their patterns and operations follow on one another,
 * every pattern is the one it says it is, and each expression leaves one outcome on an evaluator's stack.
 */
import {
  BOUND_MAX,
  HIGHEST_TARGET,
  LOGICAL_BIT,
  logical,
  NONE,
  OPERATIONS_MAX,
  operation,
  operationKinds,
  pattern,
  patternTarget,
  relations,
  SUBSIGNATURES_MAX,
} from './layout.ts'
import { malformed, type SectionViews } from './section-views.ts'

/** Throws DefinitionsError `malformed`. The patterns must have been checked; there are `circumstanceCount` lines of circumstances. */
export function checkLogicals(views: SectionViews, circumstanceCount: number): void {
  const words = views.words('logicals')
  const patterns = views.words('patterns')
  const operations = views.words('operations')
  let owned = 0
  let nextOperation = 0
  let nextCondition = 0
  for (let index = 0; index < views.counts.logicals; index += 1) {
    const field = (name: Exclude<keyof typeof logical, 'words'>) =>
      words[index * logical.words + logical[name]] ?? 0
    const owner = field('signature')
    if (
      owner >= views.counts.signatures ||
      field('target') > HIGHEST_TARGET ||
      field('patternCount') + field('conditionCount') === 0 ||
      field('firstCondition') !== nextCondition ||
      field('conditionCount') > Math.min(SUBSIGNATURES_MAX, views.counts.conditions - nextCondition) ||
      field('firstPattern') + field('patternCount') > views.counts.patterns ||
      field('firstOperation') !== nextOperation ||
      field('operationCount') === 0 ||
      field('operationCount') > Math.min(OPERATIONS_MAX, views.counts.operations - nextOperation) ||
      field('sizeMin') > field('sizeMax') ||
      (field('circumstances') !== NONE && field('circumstances') >= circumstanceCount)
    ) {
      throw malformed(`logical signature ${index} holds an impossible value`)
    }
    const target = field('target')
    const firstPattern = field('firstPattern')
    const endPattern = firstPattern + field('patternCount')
    for (let own = firstPattern; own < endPattern; own += 1) {
      const at = own * pattern.words
      if (
        patterns[at + pattern.owner] !== index + LOGICAL_BIT ||
        patternTarget(patterns[at + pattern.packed] as number) !== target
      ) {
        throw malformed(`a pattern of logical signature ${index} is astray`)
      }
    }
    owned += endPattern - firstPattern
    nextOperation += field('operationCount')
    checkExpression(operations, nextOperation - field('operationCount'), nextOperation)
    nextCondition += field('conditionCount')
  }
  if (nextCondition !== views.counts.conditions) throw malformed('some conditions belong to no signature')
  if (nextOperation !== views.counts.operations) throw malformed('some operations belong to no signature')
  let claimed = 0
  for (let index = 0; index < views.counts.patterns; index += 1) {
    if ((patterns[index * pattern.words + pattern.owner] ?? 0) >= LOGICAL_BIT) claimed += 1
  }
  if (claimed !== owned) throw malformed('some patterns belong to no logical signature')
}

/** Whether these records are one whole expression. Throws DefinitionsError `malformed`. */
export function checkExpression(words: Uint32Array, from: number, to: number): void {
  let depth = 0
  for (let index = from; index < to; index += 1) {
    const at = index * operation.words
    const kind = operationKinds[words[at + operation.kind] as number]
    const operand = words[at + operation.operand] as number
    const relation = words[at + operation.relation] as number
    const bound = words[at + operation.bound] as number
    if (kind === 'count') depth += 1
    else if (kind !== 'group') depth -= 1
    const joins = kind === 'and' || kind === 'or'
    if (
      kind === undefined ||
      depth < 1 ||
      (joins && (operand !== 0 || relation !== 0 || bound !== 0)) ||
      (kind === 'count' && operand >= SUBSIGNATURES_MAX) ||
      operand > BOUND_MAX ||
      relation >= relations.length ||
      bound >= BOUND_MAX
    ) {
      throw malformed(`operation ${index} holds an impossible value`)
    }
  }
  if (depth !== 1) throw malformed(`the expression at operation ${from} does not end in one outcome`)
}
