/**
 * The logical signatures of one content: how often each sub-signature was found, as far as that may matter, and which
 * expressions hold in the end. It keeps something only for signatures of which anything was found; those that hold though
 * nothing is found are known beforehand.
 */
import {
  condition,
  conditionKinds,
  type HandlerType,
  isLaterPattern,
  LOGICAL_BIT,
  logical,
  type PatternTables,
  pattern,
  patternLimit,
  patternSub,
  SUBSIGNATURES_MAX,
} from '@coreward/definitions'
import { circumstancesOf, fitsSize, type Surroundings } from './circumstance-judge.ts'
import type { ExpressionEvaluator } from './expression-evaluator.ts'

/** Beginnings remembered in all for one content, so that none is counted twice; past it the content is too costly. */
const STARTS_MAX = 1_000_000

/** Kept between contents: what words that are in every script provoke in a full set, some 2 MB. */
const SPARE_MAX = 4096

/** What was found of one logical signature. */
export interface Progress {
  readonly counts: Uint32Array
  /** Where the first of its matches began. */
  origin: number
  /** For each sub-signature that is counted beyond one, where its matches so far began. */
  readonly starts: Map<number, Set<number>>
  /** For each sub-signature near which bytes are compared, where the last of its matches began. */
  readonly last: Map<number, number>
}

const BYTES = conditionKinds.indexOf('bytes')
const IMAGE = conditionKinds.indexOf('image')
const nothing = new Uint32Array(SUBSIGNATURES_MAX)
/** A signature that holds of a content. */
export interface HoldingSignature {
  readonly id: number
  /** Where the first of its matches began; 0 for nowhere. */
  readonly offset: number
  /** As what it wants the content scanned once more, before it counts as found. */
  readonly handler: HandlerType | undefined
}

export class LogicalSearch {
  readonly #tables: PatternTables
  readonly #evaluator: ExpressionEvaluator
  readonly #progress = new Map<number, Progress>()
  /** For the next content: a small one is searched faster than these are made. */
  readonly #spare: Progress[] = []
  readonly #settled = new Set<number>()
  /** Patterns whose last match matters, wherever it is. */
  readonly #marking: ReadonlySet<number>
  /** By target, the signatures that hold of a content in which nothing is found, or may by their conditions. */
  readonly #unprovoked = new Map<number, readonly number[]>()
  #unprovokedOfAll: number[] | undefined
  #startCount = 0

  constructor(tables: PatternTables, evaluator: ExpressionEvaluator) {
    this.#tables = tables
    this.#evaluator = evaluator
    this.#marking = markingPatterns(tables)
  }

  clear(): void {
    for (const progress of this.#progress.values()) {
      if (this.#spare.length === SPARE_MAX) break
      progress.counts.fill(0)
      progress.starts.clear()
      progress.last.clear()
      this.#spare.push(progress)
    }
    this.#progress.clear()
    this.#settled.clear()
    this.#startCount = 0
  }

  get overflowed(): boolean {
    return this.#startCount > STARTS_MAX
  }

  /** Whether further matches of a sub-signature's pattern would change nothing. */
  isSettled(index: number): boolean {
    return this.#settled.has(index) && !this.#marking.has(index)
  }

  /**
   * Counts a match of pattern `index` that began at `origin`. As in clamscan, matches may overlap, and two are different
   * when their last parts begin at different places, `start`.
   */
  add(index: number, start: number, origin: number): void {
    const { patterns } = this.#tables
    const at = index * pattern.words
    const packed = patterns[at + pattern.packed] as number
    const limit = patternLimit(packed)
    const sub = patternSub(packed)
    const progress = this.#progressOf((patterns[at + pattern.owner] as number) - LOGICAL_BIT, origin)
    progress.origin = Math.min(progress.origin, origin)
    if (this.#marking.has(index)) progress.last.set(sub, Math.max(origin, progress.last.get(sub) ?? 0))
    if (this.#settled.has(index)) return
    if (limit > 1 && this.#isKnown(progress, sub, start)) return
    const count = (progress.counts[sub] as number) + 1
    if (count <= limit) progress.counts[sub] = count
    if (count >= limit) this.#settled.add(index)
  }

  /** What was counted of a logical signature until now, by sub-signature. */
  countsOf(index: number): Uint32Array {
    return this.#progress.get(index)?.counts ?? nothing
  }

  /** Counts a sub-signature that holds of the content as a whole. */
  count(index: number, sub: number): void {
    this.#progressOf(index, 0).counts[sub] = 1
  }

  #progressOf(owner: number, origin: number): Progress {
    let progress = this.#progress.get(owner)
    if (progress === undefined) {
      progress = this.#spare.pop() ?? {
        counts: new Uint32Array(SUBSIGNATURES_MAX),
        origin,
        starts: new Map(),
        last: new Map(),
      }
      progress.origin = origin
      this.#progress.set(owner, progress)
    }
    return progress
  }

  #isKnown({ starts }: Progress, sub: number, start: number): boolean {
    let known = starts.get(sub)
    if (known === undefined) {
      known = new Set()
      starts.set(sub, known)
    }
    if (known.has(start)) return true
    known.add(start)
    this.#startCount += 1
    return false
  }

  /**
   * The patterns still to be looked for, by their indexes: those of signatures for contents of this size of which something was found, if they could
   * hold at all.
   */
  awaited(target: number, size: number): number[] {
    const { logicals, patterns } = this.#tables
    const awaited: number[] = []
    for (const [index, { counts }] of this.#progress) {
      const at = index * logical.words
      const first = logicals[at + logical.firstPattern] as number
      const end = first + (logicals[at + logical.patternCount] as number)
      const later: number[] = []
      for (let each = first; each < end; each += 1) {
        if (isLaterPattern(patterns[each * pattern.words + pattern.packed] as number)) later.push(each)
      }
      if (later.length > 0 && this.#mayFit(index, target, size) && this.#couldHold(index, counts, later))
        awaited.push(...later)
    }
    return awaited
  }

  #mayFit(index: number, target: number, size: number): boolean {
    const wanted = this.#tables.logicals[index * logical.words + logical.target]
    return (wanted === 0 || wanted === target) && fitsSize(this.#tables, index, size)
  }

  /** Whether a signature could hold if all that was not looked for yet were found as often as matters. */
  #couldHold(index: number, counts: Uint32Array, later: readonly number[]): boolean {
    if (!this.#evaluator.isMonotone(index)) return true
    const { patterns, logicals, conditions } = this.#tables
    const most = counts.slice()
    for (const each of later) {
      const packed = patterns[each * pattern.words + pattern.packed] as number
      most[patternSub(packed)] = patternLimit(packed)
    }
    const at = index * logical.words
    const first = (logicals[at + logical.firstCondition] as number) * condition.words
    const end = first + (logicals[at + logical.conditionCount] as number) * condition.words
    for (let each = first; each < end; each += condition.words) {
      most[conditions[each + condition.sub] as number] = conditions[each + condition.limit] as number
    }
    return this.#evaluator.isTrue(index, most)
  }

  /**
   * The logical signatures for contents of this target and size of which something was found, or of which conditions may hold though
   * nothing was, by their indexes. For whoever looks at their conditions and counts what holds, before `holding` is asked.
   */
  *conditional(target: number, size: number): Generator<[index: number, progress: Progress]> {
    const { logicals } = this.#tables
    const asked = (index: number) => (logicals[index * logical.words + logical.conditionCount] as number) > 0
    for (const index of this.#unprovokedFor(target)) {
      if (asked(index)) this.#progressOf(index, 0)
    }
    for (const [index, progress] of this.#progress) {
      if (asked(index) && fitsSize(this.#tables, index, size)) yield [index, progress]
    }
  }

  /**
   * The signatures that hold of a content in these surroundings. Of a content that was not searched to its end only those
   * that more matches could not make untrue.
   */
  *holding(around: Surroundings, cutShort: boolean): Generator<HoldingSignature> {
    for (const [index, { counts, origin }] of this.#progress) {
      if (cutShort && !this.#evaluator.isMonotone(index)) continue
      if (this.#evaluator.isTrue(index, counts)) yield* this.#inCircumstances(index, origin, around)
    }
    if (cutShort) return
    for (const index of this.#unprovokedFor(around.target)) {
      if (!this.#progress.has(index) && this.#evaluator.isTrue(index, nothing))
        yield* this.#inCircumstances(index, 0, around)
    }
  }

  /** A signature whose expression holds, if all else that it asks is so. */
  *#inCircumstances(index: number, offset: number, around: Surroundings): Generator<HoldingSignature> {
    const asked = circumstancesOf(this.#tables, index, around)
    if (asked !== undefined) yield { id: this.#signatureOf(index), offset, handler: asked.handler }
  }

  /** Whether one of its conditions is to be looked at though nothing was found. */
  #startsByItself(index: number): boolean {
    const { logicals } = this.#tables
    const first = logicals[index * logical.words + logical.firstCondition] as number
    const count = logicals[index * logical.words + logical.conditionCount] as number
    for (let each = first; each < first + count; each += 1) {
      if (this.#tables.conditions[each * condition.words + condition.kind] === IMAGE) continue
      if (this.#evaluator.isTriggered(each, nothing)) return true
    }
    return false
  }

  #signatureOf(index: number): number {
    return this.#tables.logicals[index * logical.words + logical.signature] as number
  }

  #unprovokedFor(target: number): readonly number[] {
    let known = this.#unprovoked.get(target)
    if (known === undefined) {
      const { logicals } = this.#tables
      known = this.#allUnprovoked().filter((index) => {
        const wanted = logicals[index * logical.words + logical.target] as number
        return wanted === 0 || wanted === target
      })
      this.#unprovoked.set(target, known)
    }
    return known
  }

  /** Those of all targets, made once: a set has many signatures, and few that ask for something not to be there. */
  #allUnprovoked(): readonly number[] {
    if (this.#unprovokedOfAll === undefined) {
      this.#unprovokedOfAll = []
      for (let index = 0; index < this.#tables.logicalCount; index += 1) {
        if (this.#holdsOfNothing(index) || this.#startsByItself(index)) this.#unprovokedOfAll.push(index)
      }
    }
    return this.#unprovokedOfAll
  }

  /** What only asks for more than some number of matches cannot be true of none. */
  #holdsOfNothing(index: number): boolean {
    return !this.#evaluator.isMonotone(index) && this.#evaluator.isTrue(index, nothing)
  }
}

/** The patterns of the sub-signatures near which bytes are compared. */
function markingPatterns({ conditions, conditionCount, logicals, patterns }: PatternTables): Set<number> {
  const marking = new Set<number>()
  for (let at = 0; at < conditionCount * condition.words; at += condition.words) {
    if (conditions[at + condition.kind] !== BYTES) continue
    const owner = (conditions[at + condition.logical] as number) * logical.words
    const first = logicals[owner + logical.firstPattern] as number
    const last = first + (logicals[owner + logical.patternCount] as number)
    const near = (conditions[at + condition.options] as number) & 0xff
    for (let index = first; index < last; index += 1) {
      if (patternSub(patterns[index * pattern.words + pattern.packed] as number) === near) marking.add(index)
    }
  }
  return marking
}
