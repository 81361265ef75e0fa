/**
 * Checks that the sub-signatures that are no patterns hold only what the compiler writes: each belongs to the logical
 * signature that names it, its data lies in the pool, and its trigger is an expression over the sub-signatures before it.
 */
import { checkExpression } from './check-logicals.ts'
import {
  BOUND_MAX,
  condition,
  conditionKinds,
  logical,
  NONE,
  OPERATIONS_MAX,
  offsetKinds,
  operation,
  operationKinds,
  regexFlags,
  SUBSIGNATURES_MAX,
} from './layout.ts'
import { regexOptions } from './regex/regex-library.ts'
import { malformed, type SectionViews } from './section-views.ts'

const OFFSET_MAX = 0x7fffffff
const OFFSET_KIND_MAX = Math.max(...Object.values(offsetKinds))
const KNOWN_OPTIONS = [...Object.values(regexOptions), ...Object.values(regexFlags)].reduce<number>(
  (bits, each) => bits | each,
  0,
)

/** Throws DefinitionsError `malformed`. The logical signatures must have been checked. */
export function checkConditions(views: SectionViews): void {
  const words = views.words('conditions')
  const logicals = views.words('logicals')
  let nextTrigger = 0
  for (let owner = 0; owner < views.counts.logicals; owner += 1) {
    const first = logicals[owner * logical.words + logical.firstCondition] ?? 0
    const last = first + (logicals[owner * logical.words + logical.conditionCount] ?? 0)
    let lastSub = -1
    for (let index = first; index < last; index += 1) {
      const field = (name: Exclude<keyof typeof condition, 'words'>) =>
        words[index * condition.words + condition[name]] ?? 0
      if (
        field('logical') !== owner ||
        conditionKinds[field('kind')] === undefined ||
        field('sub') <= lastSub ||
        field('sub') >= SUBSIGNATURES_MAX ||
        field('limit') === 0 ||
        field('limit') > BOUND_MAX ||
        field('length') === 0 ||
        field('data') + field('length') > views.counts.bytes ||
        (field('offsetKind') & 0xff) > OFFSET_KIND_MAX ||
        field('offset') > OFFSET_MAX ||
        field('maxShift') > OFFSET_MAX ||
        (field('options') & ~KNOWN_OPTIONS) !== 0 ||
        field('triggerCount') === 0 ||
        field('triggerCount') > Math.min(OPERATIONS_MAX, views.counts.triggers - nextTrigger)
      ) {
        throw malformed(`condition ${index} holds an impossible value`)
      }
      checkTrigger(views, nextTrigger, nextTrigger + field('triggerCount'), field('sub'))
      nextTrigger += field('triggerCount')
      lastSub = field('sub')
    }
  }
  if (nextTrigger !== views.counts.triggers) throw malformed('some triggers belong to no condition')
}

/** A trigger asks only for what is known by then. */
function checkTrigger(views: SectionViews, from: number, to: number, before: number): void {
  const words = views.words('triggers')
  checkExpression(words, from, to)
  for (let at = from * operation.words; at < to * operation.words; at += operation.words) {
    const isCount = operationKinds[words[at + operation.kind] ?? NONE] === 'count'
    if (isCount && (words[at + operation.operand] ?? 0) >= before) {
      throw malformed(`a trigger of the condition at ${from} asks for what comes later`)
    }
  }
}
