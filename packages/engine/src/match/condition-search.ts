/**
 * The sub-signatures that are no patterns, of the logical signatures of which something was found: looked at when a content
 * has been searched, in the order of their numbers, each only if its trigger holds of what was found until then.
 */
import {
  byteBound,
  byteOptions,
  condition,
  conditionKinds,
  logical,
  masked,
  type NumberKind,
  numberKinds,
  offsetKinds,
  type PatternTables,
  type Relation,
  regexFlags,
  relations,
} from '@coreward/definitions'
import type { ByteSource } from '../byte-source.ts'
import type { ImageHash } from '../images/image-hasher.ts'
import { compares, numberIn } from './byte-comparison.ts'
import type { ExecutablePlaces } from './executable-places.ts'
import type { ExpressionEvaluator } from './expression-evaluator.ts'
import { ImageSearch } from './image-search.ts'
import type { LogicalSearch, Progress } from './logical-search.ts'
import { type RegexAccount, type RegexPlace, RegexSearch } from './regex-search.ts'

const REGEX = conditionKinds.indexOf('regex')
const IMAGE = conditionKinds.indexOf('image')
const OWN_FLAGS = regexFlags.global | regexFlags.rolling | regexFlags.encompass

/** The content that conditions are looked at in. */
export interface ConditionContent {
  readonly source: ByteSource
  readonly target: number
  readonly places: ExecutablePlaces
  readonly account: RegexAccount
  /** Its fuzzy hash as an image. Absent: it is no image. */
  readonly image: (() => ImageHash) | undefined
}

/** What could not be decided: what would have cost too much work, or an image's hash. */
export type Undecided = 'work' | 'image'

export class ConditionSearch {
  readonly #tables: PatternTables
  readonly #evaluator: ExpressionEvaluator
  readonly #regexes = new RegexSearch()
  readonly #images: ImageSearch

  constructor(tables: PatternTables, evaluator: ExpressionEvaluator) {
    this.#tables = tables
    this.#evaluator = evaluator
    this.#images = new ImageSearch(tables, evaluator)
  }

  /**
   * Looks at all that is due and counts what holds. Tells what could not be decided: then what was counted is less than there is.
   */
  settle(logicals: LogicalSearch, content: ConditionContent): Undecided | undefined {
    this.#regexes.begin(content.source)
    const { target, image } = content
    const isRead = this.#images.settle(logicals, { target, size: content.source.size, image })
    let undecided: Undecided | undefined = isRead ? undefined : 'image'
    for (const [index, progress] of logicals.conditional(content.target, content.source.size)) {
      if (!this.#settleSignature(index, progress, content)) undecided = 'work'
    }
    return undecided
  }

  #settleSignature(index: number, progress: Progress, content: ConditionContent): boolean {
    const { logicals, conditions } = this.#tables
    const { counts } = progress
    const first = logicals[index * logical.words + logical.firstCondition] as number
    const last = first + (logicals[index * logical.words + logical.conditionCount] as number)
    if (!this.#evaluator.isOpen(index, counts)) return true
    for (let each = first; each < last; each += 1) {
      const kind = conditions[each * condition.words + condition.kind]
      if (kind === IMAGE || !this.#evaluator.isTriggered(each, counts)) continue
      const isRegex = kind === REGEX
      const count = isRegex ? this.#countRegex(each, content) : this.#countBytes(each, progress, content)
      // Triggers behind it may ask for this number, so nothing more can be said of the signature.
      if (count === undefined) return false
      counts[conditions[each * condition.words + condition.sub] as number] = count
    }
    return true
  }

  /**
   * Whether the number near the last match of a sub-signature compares, 1 or 0. As in clamscan, a number at the content's
   * first byte is not looked at.
   */
  #countBytes(index: number, { last }: Progress, { source, account }: ConditionContent): number {
    const { conditions, bytes } = this.#tables
    const field = (name: keyof typeof condition) =>
      conditions[index * condition.words + condition[name]] as number
    const options = field('options')
    const origin = last.get(options & 0xff)
    const length = field('maxShift')
    if (origin === undefined) return 0
    const at = options & byteOptions.before ? origin - field('offset') : origin + field('offset')
    if (at < 1 || at + length > source.size) return 0
    account.spend(length)
    const value = numberIn(source.read(at, length), {
      kind: numberKinds[(options >> 8) & 3] as NumberKind,
      little: (options & byteOptions.little) !== 0,
      exact: (options & byteOptions.exact) !== 0,
    })
    if (value === undefined) return 0
    const bounds = [...boundsOf(masked(bytes.subarray(field('data'), field('data') + field('length'))))]
    return bounds.every(([relation, bound]) => compares(value, relation, bound)) ? 1 : 0
  }

  /** How often a regular expression matches, as far as it matters; undefined when it could not be told. */
  #countRegex(index: number, { source, places, account }: ConditionContent): number | undefined {
    const { conditions, bytes } = this.#tables
    const field = (name: keyof typeof condition) =>
      conditions[index * condition.words + condition[name]] as number
    const options = field('options')
    const place = placeOf(field, options, source.size, places)
    if (place === undefined) return 0
    const text = masked(bytes.subarray(field('data'), field('data') + field('length')))
    const most = options & regexFlags.global ? field('limit') : 1
    return this.#regexes.count(
      { id: index, text, options: (options & ~OWN_FLAGS) >>> 0 },
      place,
      most,
      account,
    )
  }
}

/** The bounds of a comparison of bytes, of which all must hold. */
function* boundsOf(data: Uint8Array): Generator<[relation: Relation, value: bigint]> {
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  for (let at = 0; at < data.length; at += 4 * byteBound.words) {
    const relation = relations[view.getUint32(at + 4 * byteBound.relation, true)] as Relation
    yield [relation, view.getBigInt64(at + 4 * byteBound.low, true)]
  }
}

/**
 * Where an expression is tried, as clamscan does it: it sees nothing before its offset. With an offset alone it must begin
 * there; with a shift it may begin up to so much later, or, confined, must also end before.
 */
function placeOf(
  field: (name: keyof typeof condition) => number,
  options: number,
  size: number,
  places: ExecutablePlaces,
): RegexPlace | undefined {
  const word = field('offsetKind')
  if (word === offsetKinds.any)
    return { from: 0, to: size, latest: Number.POSITIVE_INFINITY, anchored: false }
  const range = places.range(word, field('offset'), field('maxShift'), size)
  if (range === undefined || range[0] >= size) return undefined
  const [from, latest] = range
  const hasShift = latest > from
  const confined = hasShift && (options & regexFlags.encompass) !== 0
  return {
    from,
    to: confined ? Math.min(size, latest) : size,
    latest: hasShift ? latest : Number.POSITIVE_INFINITY,
    anchored: !hasShift && (options & regexFlags.rolling) === 0,
  }
}
