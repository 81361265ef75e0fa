/**
 * How many matches of each sub-signature an expression can tell apart. Past one more than the highest number that they
 * are compared with, alone or in a group around them, more matches change nothing, so a matcher may stop counting.
 */
import type { Operation } from './parse/expression.ts'

/** The limits by sub-signature over all of these expressions, 1 or more; those that none speaks of are absent. */
export function matchLimits(...expressions: readonly (readonly Operation[])[]): Map<number, number> {
  const limits = new Map<number, number>()
  for (const operations of expressions) raiseBy(operations, limits)
  return limits
}

function raiseBy(operations: readonly Operation[], limits: Map<number, number>): void {
  const stack: number[][] = []
  for (const step of operations) {
    if (step.kind === 'count') {
      raise(limits, [step.sub], step.bound + 1)
      stack.push([step.sub])
    } else if (step.kind === 'group') {
      raise(limits, stack.at(-1) ?? [], step.bound + 1)
    } else {
      const right = stack.pop() ?? []
      stack.push([...new Set([...(stack.pop() ?? []), ...right])])
    }
  }
}

function raise(limits: Map<number, number>, subs: readonly number[], limit: number): void {
  for (const sub of subs) limits.set(sub, Math.max(limits.get(sub) ?? 1, limit))
}
