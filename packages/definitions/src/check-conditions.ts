/**
 * Checks that the sub-signatures that are no patterns hold only what the compiler writes: each belongs to the logical
 * signature that names it, its data lies in the pool, and its trigger is an expression over the sub-signatures before it.
 */
import { checkExpression } from './check-logicals.ts'
import { masked } from './join-sections.ts'
import {
  BOUND_MAX,
  byteBound,
  condition,
  conditionKinds,
  IMAGE_HASH_BYTES,
  logical,
  NONE,
  numberKinds,
  OPERATIONS_MAX,
  offsetKinds,
  operation,
  operationKinds,
  regexFlags,
  relations,
  SUBSIGNATURES_MAX,
} from './layout.ts'
import { regexOptions } from './regex/regex-library.ts'
import { malformed, type SectionViews } from './section-views.ts'

type Field = (name: Exclude<keyof typeof condition, 'words'>) => number

const [REGEX, BYTES, IMAGE] = (['regex', 'bytes', 'image'] as const).map((kind) =>
  conditionKinds.indexOf(kind),
)
/** In which order they are looked at. */
const order = [IMAGE, BYTES, REGEX]
const BYTES_MAX = 255
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
  const triggers = views.words('triggers')
  let nextTrigger = 0
  for (let owner = 0; owner < views.counts.logicals; owner += 1) {
    const first = logicals[owner * logical.words + logical.firstCondition] ?? 0
    const last = first + (logicals[owner * logical.words + logical.conditionCount] ?? 0)
    let lastPlace = -1
    for (let index = first; index < last; index += 1) {
      const field: Field = (name) => words[index * condition.words + condition[name]] ?? 0
      if (
        field('logical') !== owner ||
        conditionKinds[field('kind')] === undefined ||
        placeOf(field('kind'), field('sub')) <= lastPlace ||
        field('sub') >= SUBSIGNATURES_MAX ||
        field('limit') === 0 ||
        field('limit') > BOUND_MAX ||
        field('length') === 0 ||
        field('data') + field('length') > views.counts.bytes ||
        (field('offsetKind') & 0xff) > OFFSET_KIND_MAX ||
        field('offset') > OFFSET_MAX ||
        field('maxShift') > OFFSET_MAX ||
        !isOfItsKind(views, field) ||
        (field('triggerCount') === 0) !== (field('kind') === IMAGE) ||
        field('triggerCount') > Math.min(OPERATIONS_MAX, views.counts.triggers - nextTrigger)
      ) {
        throw malformed(`condition ${index} holds an impossible value`)
      }
      const before = field('kind') === REGEX ? field('sub') : SUBSIGNATURES_MAX
      if (field('triggerCount') > 0)
        checkTrigger(triggers, nextTrigger, nextTrigger + field('triggerCount'), before)
      nextTrigger += field('triggerCount')
      lastPlace = placeOf(field('kind'), field('sub'))
    }
  }
  if (nextTrigger !== views.counts.triggers) throw malformed('some triggers belong to no condition')
}

/** Those of a kind stand by their numbers. */
function placeOf(kind: number, sub: number): number {
  return order.indexOf(kind) * SUBSIGNATURES_MAX + sub
}

function isOfItsKind(views: SectionViews, field: Field): boolean {
  if (field('kind') === REGEX) return isRegex(field('options'))
  return field('kind') === BYTES ? isBytes(views, field) : isImage(field)
}

function isImage(field: Field): boolean {
  const places = ['offsetKind', 'offset', 'maxShift', 'options'] as const
  return field('length') === IMAGE_HASH_BYTES && places.every((place) => field(place) === 0)
}

function isRegex(options: number): boolean {
  return (options & ~KNOWN_OPTIONS) === 0
}

function isBytes(views: SectionViews, field: Field): boolean {
  const bounds = field('length') / (4 * byteBound.words)
  if (bounds !== 1 && bounds !== 2) return false
  const data = Buffer.from(
    masked(views.bytes('bytes').subarray(field('data'), field('data') + field('length'))),
  )
  return (
    (field('options') & 0xff) < SUBSIGNATURES_MAX &&
    field('options') < 0x2000 &&
    field('offsetKind') === 0 &&
    field('maxShift') > 0 &&
    field('maxShift') <= BYTES_MAX &&
    (numberKinds[(field('options') >> 8) & 3] !== 'raw' || [1, 2, 4, 8].includes(field('maxShift'))) &&
    Array.from({ length: bounds }, (_, index) => data.readUInt32LE(index * 4 * byteBound.words)).every(
      (relation) => relation < relations.length,
    )
  )
}

/** A trigger asks only for what is known by then. */
function checkTrigger(words: Uint32Array, from: number, to: number, before: number): void {
  checkExpression(words, from, to)
  for (let at = from * operation.words; at < to * operation.words; at += operation.words) {
    const isCount = operationKinds[words[at + operation.kind] ?? NONE] === 'count'
    if (isCount && (words[at + operation.operand] ?? 0) >= before) {
      throw malformed(`a trigger of the condition at ${from} asks for what comes later`)
    }
  }
}
