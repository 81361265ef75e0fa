/** What expressions of a condition are, and what becomes of two of them. */
import { BOUND_MAX, type Relation } from '../../layout.ts'
import type { Condition, Place } from './rule.ts'

/** What an expression is: true or false, a number, or one of the numbers that the matcher knows something of. */
export type Term =
  | { readonly is: 'truth'; readonly condition: Condition }
  | { readonly is: 'number'; readonly value: number }
  | { readonly is: 'size' | 'entry' }
  | { readonly is: 'matches'; readonly id: string }
  | { readonly is: 'read'; readonly offset: number; readonly bytes: number; readonly bigEndian: boolean }
  | { readonly is: 'foreign'; readonly what: string }

const anywhere: Place = { kind: 'any' }

export function truth(condition: Condition): Term {
  return { is: 'truth', condition }
}

export function number(value: number): Term {
  return Number.isSafeInteger(value) ? { is: 'number', value } : foreign('such a number')
}

export function foreign(what: string): Term {
  return { is: 'foreign', what }
}

/** Something is known, and something more is asked. */
export function weakened(condition: Condition, what: string): Term {
  return truth({ kind: 'and', operands: [condition, { kind: 'foreign', what }] })
}

export function truthOf(term: Term): Condition {
  if (term.is === 'truth') return term.condition
  if (term.is === 'number') return { kind: 'constant', value: term.value !== 0 }
  if (term.is === 'matches') return { kind: 'present', id: term.id, place: anywhere }
  return { kind: 'foreign', what: term.is === 'foreign' ? term.what : 'a number as a condition' }
}

export function rangeOf(from: number, to: number): Place | 'foreign' {
  return from >= 0 && from <= to && to < BOUND_MAX ? { kind: 'range', from, to } : 'foreign'
}

export function numberOf(text: string): number {
  if (text.endsWith('KB')) return Number(text.slice(0, -2)) * 1024
  if (text.endsWith('MB')) return Number(text.slice(0, -2)) * 1024 * 1024
  // A fraction is no whole number, so it becomes foreign.
  return Number(text)
}

export function calculate(left: Term, sign: string, right: Term): Term {
  if (left.is !== 'number' || right.is !== 'number') return foreign('arithmetic')
  const [a, b] = [left.value, right.value]
  switch (sign) {
    case '+':
      return number(a + b)
    case '-':
      return number(a - b)
    case '*':
      return number(a * b)
    default:
      return foreign('arithmetic')
  }
}

function whatOf(term: Term): string | undefined {
  return term.is === 'foreign' ? term.what : undefined
}

const mirrored: { readonly [sign: string]: string } = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' }

export function compare(left: Term, sign: string, right: Term): Term {
  if (left.is === 'number' && right.is !== 'number') return compare(right, mirrored[sign] ?? sign, left)
  if (right.is !== 'number') return foreign(whatOf(left) ?? whatOf(right) ?? 'a comparison')
  const { value } = right
  switch (left.is) {
    case 'matches': {
      const { id } = left
      if (value >= BOUND_MAX - 1) return foreign('such a number')
      return compared(sign, value, (relation, bound) => ({ kind: 'count', id, relation, bound }))
    }
    case 'size':
      return compared(sign, value, (relation, bound) => ({ kind: 'size', relation, bound }))
    case 'read': {
      const { offset, bytes, bigEndian } = left
      if (sign !== '==' || value < 0 || value >= 256 ** bytes || offset >= BOUND_MAX) return foreign('a read')
      const pairs =
        value
          .toString(16)
          .padStart(2 * bytes, '0')
          .match(/../g) ?? []
      return truth({ kind: 'bytes', offset, hex: (bigEndian ? pairs : pairs.reverse()).join('') })
    }
    default:
      return foreign(whatOf(left) ?? 'a comparison')
  }
}

/** A comparison of a number that is 0 or more, as one of the three that the matcher has. */
function compared(sign: string, value: number, make: (relation: Relation, bound: number) => Condition): Term {
  const bound = sign === '<=' ? value + 1 : sign === '>=' ? value - 1 : value
  if (bound < 0) return truth({ kind: 'constant', value: sign === '>' || sign === '>=' || sign === '!=' })
  switch (sign) {
    case '==':
      return truth(make('equal', bound))
    case '!=':
      return truth({ kind: 'not', operand: make('equal', bound) })
    case '<':
    case '<=':
      return truth(make('less', bound))
    case '>':
    case '>=':
      return truth(make('more', bound))
    default:
      return foreign('a comparison of texts')
  }
}
