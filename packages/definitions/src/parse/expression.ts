/**
 * The expression of a logical signature (ClamAV manual, "Logical signatures") → operations in postfix order. `&` and `|`
 * bind equally, in ClamAV: on the outermost level what stands right of the first operator is one operand, within
 * parentheses what stands left of the last one is. Seen in clamscan 1.4.6; the manual is silent about it.
 */
import { BOUND_MAX, OPERATIONS_MAX, type Relation } from '../layout.ts'
import { Refusal } from './pattern.ts'

/** What is asked of a number of matches; nothing asked means at least one. */
export interface Comparison {
  readonly relation: Relation
  readonly bound: number
}

/** One step of a machine that puts an outcome on a stack, or replaces the one or two on its top. */
export type Operation =
  | ({ readonly kind: 'count'; readonly sub: number } & Comparison)
  | { readonly kind: 'and' }
  | { readonly kind: 'or' }
  | ({ readonly kind: 'group'; readonly distinct: number } & Comparison)

/** Groups in groups; ours, so that no line can exhaust the stack. */
const NESTING_MAX = 64

const relations: { readonly [sign: string]: Relation } = { '=': 'equal', '>': 'more', '<': 'less' }

/** Reads a whole expression. Throws Refusal. */
export function parseExpression(text: string): Operation[] {
  const tokens =
    text.match(/[&|()]|\d+|[=<>]\d+(?:,\d+)?|\s+|./g)?.filter((token) => token.trim() !== '') ?? []
  let at = 0
  let depth = 0

  function row(): Operation[] {
    const operands = [operand()]
    const operators: Operation[] = []
    for (let token = tokens[at]; token === '&' || token === '|'; token = tokens[at]) {
      operators.push({ kind: token === '&' ? 'and' : 'or' })
      at += 1
      operands.push(operand())
    }
    // Right to left outside all parentheses: all operands, then all operators from the last to the first.
    if (depth === 0) return [...operands.flat(), ...operators.reverse()]
    return operands.flatMap((steps, index) => [...steps, ...operators.slice(index - 1, index)])
  }

  function operand(): Operation[] {
    const token = tokens[at] ?? 'its end'
    at += 1
    if (/^\d+$/.test(token)) return [{ kind: 'count', sub: numberOf(token), ...comparison() }]
    if (token !== '(') throw new Refusal(`the expression has ${token} where an operand belongs`)
    depth += 1
    if (depth > NESTING_MAX) throw new Refusal(`more than ${NESTING_MAX} groups in one another`)
    const steps = row()
    depth -= 1
    if (tokens[at] !== ')') throw new Refusal('a parenthesis of the expression is not closed')
    at += 1
    if (!/^[=<>]\d/.test(tokens[at] ?? '')) return steps
    const { distinct, ...asked } = comparison()
    return [...steps, { kind: 'group', ...asked, distinct }]
  }

  /** Of a single sub-signature the number of distinct ones says nothing; ClamAV does not look at it either. */
  function comparison(): Comparison & { readonly distinct: number } {
    const [, sign = '', bound = '', distinct = '0'] = /^([=<>])(\d+)(?:,(\d+))?$/.exec(tokens[at] ?? '') ?? []
    const relation = relations[sign]
    if (relation === undefined) return { relation: 'more', bound: 0, distinct: 0 }
    at += 1
    return { relation, bound: numberOf(bound), distinct: numberOf(distinct) }
  }

  const operations = row()
  if (at < tokens.length) throw new Refusal(`the expression has ${tokens[at]} where an operator belongs`)
  if (operations.length > OPERATIONS_MAX)
    throw new Refusal(`an expression of more than ${OPERATIONS_MAX} steps`)
  return operations
}

function numberOf(digits: string): number {
  const value = Number(digits)
  if (value >= BOUND_MAX) throw new Refusal(`${digits} in the expression is not below ${BOUND_MAX}`)
  return value
}
