/**
 * The expression of a logical signature against the numbers of matches of its sub-signatures. An outcome is a truth, the
 * matches behind it, and which sub-signatures they are of. As clamscan 1.4.6 does it, where the manual is silent: what is
 * not true has no matches; a comparison behind a group asks for the matches only, whatever the group's own truth, and hides
 * from groups around it which sub-signatures they were of; a sub-signature compared with 0 and equal counts as one of them.
 */
import {
  condition,
  logical,
  OPERATIONS_MAX,
  operation,
  operationKinds,
  type PatternTables,
  relations,
} from '@coreward/definitions'

const COUNT = operationKinds.indexOf('count')
const AND = operationKinds.indexOf('and')
const OR = operationKinds.indexOf('or')
const EQUAL = relations.indexOf('equal')
const MORE = relations.indexOf('more')

export class ExpressionEvaluator {
  readonly #tables: PatternTables
  readonly #truths = new Uint8Array(OPERATIONS_MAX)
  readonly #matches = new Float64Array(OPERATIONS_MAX)
  /** Two words of bits, one for each of the 64 sub-signatures that there may be. */
  readonly #subs = new Uint32Array(2 * OPERATIONS_MAX)

  /** Where each condition's trigger begins in the section. */
  readonly #firstTriggers: Uint32Array

  constructor(tables: PatternTables) {
    this.#tables = tables
    const { conditions, conditionCount } = tables
    this.#firstTriggers = new Uint32Array(conditionCount + 1)
    for (let index = 0; index < conditionCount; index += 1) {
      const count = conditions[index * condition.words + condition.triggerCount] as number
      this.#firstTriggers[index + 1] = (this.#firstTriggers[index] as number) + count
    }
  }

  /** Whether logical signature `index` is true of these numbers of matches, by sub-signature. */
  isTrue(index: number, counts: Uint32Array): boolean {
    const { logicals, operations } = this.#tables
    const at = index * logical.words
    const first = logicals[at + logical.firstOperation] as number
    return this.#evaluate(
      operations,
      first,
      first + (logicals[at + logical.operationCount] as number),
      counts,
    )
  }

  /** Whether the trigger of condition `index` is. */
  isTriggered(index: number, counts: Uint32Array): boolean {
    const [first, last] = [this.#firstTriggers[index] as number, this.#firstTriggers[index + 1] as number]
    return this.#evaluate(this.#tables.triggers, first, last, counts)
  }

  #evaluate(operations: Uint32Array, first: number, last: number, counts: Uint32Array): boolean {
    let depth = 0
    for (let step = first; step < last; step += 1) {
      const place = step * operation.words
      const kind = operations[place + operation.kind] as number
      const operand = operations[place + operation.operand] as number
      const relation = operations[place + operation.relation] as number
      const bound = operations[place + operation.bound] as number
      if (kind === COUNT) {
        this.#count(depth, operand, counts[operand] as number, relation, bound)
        depth += 1
      } else if (kind === AND || kind === OR) {
        depth -= 1
        this.#join(depth - 1, kind === AND)
      } else this.#compareGroup(depth - 1, operand, relation, bound)
    }
    return this.#truths[0] === 1
  }

  /**
   * Whether its conditions could change what becomes of logical signature `index`: not if it holds already for good, or could not even with all
   * of them.
   */
  isOpen(index: number, counts: Uint32Array): boolean {
    if (!this.isMonotone(index)) return true
    if (this.isTrue(index, counts)) return false
    const { logicals, conditions } = this.#tables
    const first = logicals[index * logical.words + logical.firstCondition] as number
    const last = first + (logicals[index * logical.words + logical.conditionCount] as number)
    const most = counts.slice()
    for (let at = first * condition.words; at < last * condition.words; at += condition.words) {
      most[conditions[at + condition.sub] as number] = conditions[at + condition.limit] as number
    }
    return this.isTrue(index, most)
  }

  /** Whether more matches can only make it truer, so that it may be believed though the search was cut short. */
  isMonotone(index: number): boolean {
    const { logicals, operations } = this.#tables
    const at = index * logical.words
    const first = logicals[at + logical.firstOperation] as number
    const last = first + (logicals[at + logical.operationCount] as number)
    for (let step = first; step < last; step += 1) {
      const place = step * operation.words
      const kind = operations[place + operation.kind] as number
      if (kind !== AND && kind !== OR && operations[place + operation.relation] !== MORE) return false
    }
    return true
  }

  #count(at: number, sub: number, matches: number, relation: number, bound: number): void {
    const truth = holds(matches, relation, bound)
    this.#truths[at] = truth ? 1 : 0
    this.#matches[at] = truth ? matches : 0
    this.#subs[2 * at] = truth && sub < 32 ? 1 << sub : 0
    this.#subs[2 * at + 1] = truth && sub >= 32 ? 1 << (sub - 32) : 0
  }

  #join(left: number, both: boolean): void {
    const [a, b] = [this.#truths[left] as number, this.#truths[left + 1] as number]
    const truth = both ? a & b : a | b
    this.#truths[left] = truth
    this.#matches[left] = truth ? (this.#matches[left] as number) + (this.#matches[left + 1] as number) : 0
    for (const word of [2 * left, 2 * left + 1]) {
      this.#subs[word] = truth ? (this.#subs[word] as number) | (this.#subs[word + 2] as number) : 0
    }
  }

  #compareGroup(at: number, distinct: number, relation: number, bound: number): void {
    const matches = this.#matches[at] as number
    const subs = bitsIn(this.#subs[2 * at] as number) + bitsIn(this.#subs[2 * at + 1] as number)
    const truth = holds(matches, relation, bound) && subs >= distinct
    this.#truths[at] = truth ? 1 : 0
    this.#matches[at] = truth ? matches : 0
    this.#subs[2 * at] = 0
    this.#subs[2 * at + 1] = 0
  }
}

function holds(matches: number, relation: number, bound: number): boolean {
  if (relation === EQUAL) return matches === bound
  return relation === MORE ? matches > bound : matches < bound
}

function bitsIn(word: number): number {
  let count = 0
  for (let rest = word; rest !== 0; rest &= rest - 1) count += 1
  return count
}
