/**
 * Which patterns of a logical signature have to be looked for in every content: so few, and so rare, that the signature cannot hold where
 * none of them is found. The others need only be looked for where one was. A poor choice costs time and never a hit.
 */
import { runBits } from './anchor.ts'
import { LONG_ANCHOR_BYTES } from './filter-layout.ts'
import type { Operation } from './parse/expression.ts'
import type { PlacedPattern } from './parse/pattern.ts'
import type { PlannedPart } from './pattern-encoder.ts'

/** A sub-signature's patterns, of which it may have several. */
export interface KeyCandidate {
  readonly sub: number
  readonly offset: PlacedPattern['offset']
  readonly plan: readonly PlannedPart[]
}

/** A condition that counts for a sub-signature: never, unless its trigger holds. */
export interface Triggered {
  readonly sub: number
  readonly trigger: readonly Operation[]
}

/** Sub-signatures of which at least one is found wherever something holds, and how often one is, about, as a share of all places. */
interface Cut {
  readonly subs: ReadonlySet<number>
  readonly share: number
}

/** A pattern at a place of its own is found less often than its bytes alone say. */
const PLACED_BITS = 8
/** More bits than that tell nothing apart. */
const BITS_MAX = 500
/** What it costs to look for an anchor that is shorter than those that are searched for by a wide sample, as a share of all places. */
const SHORT_SHARE = 2 ** -16

/**
 * The indexes of the patterns to look for everywhere; undefined for all of them, because the signature may hold though none of some
 * choice is found.
 */
export function keyPatterns(
  operations: readonly Operation[],
  candidates: readonly KeyCandidate[],
  conditions: readonly Triggered[],
): ReadonlySet<number> | undefined {
  const cuts = new Map<number, Cut>()
  for (const { sub, offset, plan } of candidates) {
    const share = (cuts.get(sub)?.share ?? 0) + shareOf(offset, plan)
    cuts.set(sub, { subs: new Set([sub]), share })
  }
  // In the order of their numbers: a trigger asks for what stands before it.
  for (const { sub, trigger } of conditions) {
    const cut = cutOf(trigger, cuts)
    if (cut !== undefined && !cuts.has(sub)) cuts.set(sub, cut)
  }
  const cut = cutOf(operations, cuts)
  if (cut === undefined) return undefined
  return new Set([...candidates.keys()].filter((index) => cut.subs.has(candidates[index]?.sub ?? -1)))
}

/** Operations in postfix order. What only more matches can make true is true of some match at least. */
function cutOf(operations: readonly Operation[], cuts: ReadonlyMap<number, Cut>): Cut | undefined {
  const stack: (Cut | undefined)[] = []
  for (const step of operations) {
    if (step.kind === 'count') stack.push(asksForSome(step) ? cuts.get(step.sub) : undefined)
    else if (step.kind === 'group') {
      const inner = stack.pop()
      stack.push(asksForSome(step) ? inner : undefined)
    } else {
      const [right, left] = [stack.pop(), stack.pop()]
      stack.push(step.kind === 'and' ? rarer(left, right) : either(left, right))
    }
  }
  return stack.pop()
}

function asksForSome({ relation, bound }: Extract<Operation, { bound: number }>): boolean {
  return relation === 'more' || (relation === 'equal' && bound > 0)
}

function rarer(left: Cut | undefined, right: Cut | undefined): Cut | undefined {
  if (left === undefined || right === undefined) return left ?? right
  return left.share <= right.share ? left : right
}

function either(left: Cut | undefined, right: Cut | undefined): Cut | undefined {
  if (left === undefined || right === undefined) return undefined
  return { subs: new Set([...left.subs, ...right.subs]), share: left.share + right.share }
}

/** The rarest part decides, since gaps may be wide. */
function shareOf(offset: PlacedPattern['offset'], plan: readonly PlannedPart[]): number {
  const bits = Math.max(...plan.map(({ part }) => runBits(part.elements)))
  const placed = offset.kind === 'any' ? 0 : PLACED_BITS
  const short = plan.filter(({ anchor }) => anchor.length < LONG_ANCHOR_BYTES).length
  return 2 ** -Math.min(BITS_MAX, bits + placed) + short * SHORT_SHARE
}
