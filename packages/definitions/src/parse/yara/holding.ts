/** What must hold of how often strings are found, simplified as it is put together, and as operations of the matcher. */
import type { Relation } from '../../layout.ts'
import type { Operation } from '../expression.ts'

type Counted = {
  readonly kind: 'count'
  readonly sub: number
  readonly relation: Relation
  readonly bound: number
}

export type Holding =
  | boolean
  | Counted
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Exclude<Holding, boolean>[] }
  /** So many of these. */
  | { readonly kind: 'least'; readonly least: number; readonly operands: readonly Counted[] }

type Asking = Exclude<Holding, boolean>

export function count(sub: number, relation: Relation, bound: number): Counted {
  return { kind: 'count', sub, relation, bound }
}

export function and(operands: readonly Holding[]): Holding {
  return joined('and', operands, false)
}

export function or(operands: readonly Holding[]): Holding {
  return joined('or', operands, true)
}

/** `decisive` alone decides; its contrary says nothing. */
function joined(kind: 'and' | 'or', operands: readonly Holding[], decisive: boolean): Holding {
  if (operands.includes(decisive)) return decisive
  const asking = operands.filter((one): one is Asking => typeof one !== 'boolean')
  if (asking.length === 0) return !decisive
  return asking.length === 1 ? (asking[0] as Asking) : { kind, operands: asking }
}

/** At least so many of them, each of which is about a string of its own. */
export function atLeast(least: number, operands: readonly Holding[]): Holding {
  const asking = operands.filter((one): one is Asking => typeof one !== 'boolean')
  const needed = least - operands.filter((one) => one === true).length
  if (needed <= 0) return true
  if (needed > asking.length) return false
  if (needed === 1) return or(asking)
  if (needed === asking.length) return and(asking)
  const counted = asking.filter((one) => one.kind === 'count')
  return { kind: 'least', least: needed, operands: counted }
}

/** Whether it holds of a content in which no string is found. */
export function holdsOfNothing(holding: Holding): boolean {
  if (typeof holding === 'boolean') return holding
  switch (holding.kind) {
    case 'count':
      return holding.relation === 'less'
        ? holding.bound > 0
        : holding.relation === 'equal' && holding.bound === 0
    case 'and':
      return holding.operands.every(holdsOfNothing)
    case 'or':
      return holding.operands.some(holdsOfNothing)
    case 'least':
      return holding.operands.filter(holdsOfNothing).length >= holding.least
  }
}

/** The operations, in postfix order. */
export function operationsOf(holding: Asking): Operation[] {
  if (holding.kind === 'count') return [holding]
  const [first = [], ...rest] = holding.operands.map(operationsOf)
  const operator: Operation = { kind: holding.kind === 'and' ? 'and' : 'or' }
  const row = [...first, ...rest.flatMap((steps) => [...steps, operator])]
  if (holding.kind !== 'least') return row
  // Of strings that are there the matches are more than none, of those that are not there are none.
  const relation = holding.operands.every((one) => one.relation === 'more') ? 'more' : 'equal'
  return [...row, { kind: 'group', relation, bound: 0, distinct: holding.least }]
}
