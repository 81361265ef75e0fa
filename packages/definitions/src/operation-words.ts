/** A step of an expression → its record. */
import { operationKinds, relations } from './layout.ts'
import type { Operation } from './parse/expression.ts'

/** The words of one record of `operations` or `triggers`. */
export function operationWords(step: Operation): [number, number, number, number] {
  const kind = operationKinds.indexOf(step.kind)
  switch (step.kind) {
    case 'count':
      return [kind, step.sub, relations.indexOf(step.relation), step.bound]
    case 'group':
      return [kind, step.distinct, relations.indexOf(step.relation), step.bound]
    default:
      return [kind, 0, 0, 0]
  }
}
