/**
 * A rule's condition → what the matcher may judge of it. Everything in YARA's grammar is read (YARA documentation,
 * "Conditions"); what only the rule engine can judge becomes `foreign`, and what stands around it is kept.
 */
import { SUBSIGNATURES_MAX } from '../../layout.ts'
import { Refusal } from '../pattern.ts'
import type { Condition, Place, RuleString } from './rule.ts'
import {
  calculate,
  compare,
  foreign,
  number,
  numberOf,
  rangeOf,
  type Term,
  truth,
  truthOf,
  weakened,
} from './terms.ts'
import type { TokenReader } from './token-reader.ts'

export interface ParsedCondition {
  readonly condition: Condition
  /** The strings it speaks of. */
  readonly mentioned: ReadonlySet<string>
  /** Names that may be those of rules; with `*` at the end for all that begin so. */
  readonly names: ReadonlySet<string>
}

/** Expressions in expressions; ours, so that no rule can exhaust the stack. */
const NESTING_MAX = 100

/** From what binds least to what binds most, below `not`. */
const binary: readonly (readonly string[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '\\', '%'],
]
const comparisons = ['==', '!=', '<', '<=', '>', '>=']
const textComparisons = [
  'contains',
  'icontains',
  'startswith',
  'istartswith',
  'endswith',
  'iendswith',
  'iequals',
  'matches',
]

const anywhere: Place = { kind: 'any' }

/** Reads a condition. Throws Refusal. */
export function parseCondition(reader: TokenReader, strings: readonly RuleString[]): ParsedCondition {
  const mentioned = new Set<string>()
  const names = new Set<string>()
  let depth = 0
  /** The strings that `$`, `#` and `@` mean in the body of a `for … of`. */
  let current: readonly string[] | undefined

  function nested<Value>(read: () => Value): Value {
    depth += 1
    if (depth > NESTING_MAX) throw new Refusal(`more than ${NESTING_MAX} expressions in one another`)
    const value = read()
    depth -= 1
    return value
  }

  function row(kind: 'and' | 'or', operand: () => Term): Term {
    const first = operand()
    if (!reader.sees(kind)) return first
    const operands = [truthOf(first)]
    while (reader.takes(kind)) operands.push(truthOf(operand()))
    return truth({ kind, operands })
  }

  const expression = (): Term => nested(() => row('or', () => row('and', negation)))

  function negation(): Term {
    if (reader.takes('not')) return nested(() => truth({ kind: 'not', operand: truthOf(negation()) }))
    if (reader.takes('defined')) {
      nested(negation)
      return foreign('defined')
    }
    return comparison()
  }

  function comparison(): Term {
    let left = arithmetic(0)
    for (;;) {
      const sign = [...comparisons, ...textComparisons].find((text) => reader.sees(text))
      if (sign === undefined) return left
      reader.take()
      left = compare(left, sign, arithmetic(0))
    }
  }

  function arithmetic(level: number): Term {
    const signs = binary[level]
    if (signs === undefined) return unary()
    let left = arithmetic(level + 1)
    for (;;) {
      const sign = signs.find((text) => reader.sees(text))
      // `50% of them` is no remainder.
      if (sign === undefined || (sign === '%' && reader.sees('of', 1))) return left
      reader.take()
      left = calculate(left, sign, arithmetic(level + 1))
    }
  }

  function unary(): Term {
    if (reader.takes('-')) {
      const operand = nested(unary)
      return operand.is === 'number' ? number(-operand.value) : foreign('arithmetic')
    }
    if (reader.takes('~')) {
      nested(unary)
      return foreign('arithmetic')
    }
    return quantified(primary())
  }

  /** A number before `of` is how many are asked for. */
  function quantified(term: Term): Term {
    const percent = reader.sees('%') && reader.sees('of', 1)
    if (percent) reader.take()
    if (!reader.takes('of')) return term
    return ofStrings((count) =>
      term.is !== 'number' ? undefined : percent ? Math.ceil((count * term.value) / 100) : term.value,
    )
  }

  /** What stands behind `of`: a set of strings, and where they are asked for. */
  function ofStrings(leastOf: (count: number) => number | undefined): Term {
    const ids = stringSet()
    const place = placeBehind()
    if (ids === undefined) return foreign('a set of rules or conditions')
    return chosen(leastOf(ids.length), ids, place)
  }

  function chosen(least: number | undefined, ids: readonly string[], place: Place | 'foreign'): Term {
    if (least === undefined || least <= 0) return foreign('a computed number of strings')
    const condition: Condition = { kind: 'of', least, ids, place: place === 'foreign' ? anywhere : place }
    return place === 'foreign' ? weakened(condition, 'a computed place') : truth(condition)
  }

  /** Undefined when it is no set of strings. */
  function stringSet(): string[] | undefined {
    if (reader.takes('them')) return mention(strings.map(({ id }) => id))
    reader.expect('(')
    if (reader.peek()?.kind !== 'reference') {
      skipClosed()
      return undefined
    }
    const ids: string[] = []
    do ids.push(...matching(reader.take('reference').text))
    while (reader.takes(','))
    reader.expect(')')
    return ids
  }

  /** Takes what is left in parentheses, and remembers what may be names of rules. */
  function skipClosed(): void {
    for (let open = 1; open > 0; ) {
      const { kind, text } = reader.take()
      if (text === '(' && kind === 'sign') open += 1
      if (text === ')' && kind === 'sign') open -= 1
      if (kind === 'identifier') names.add(reader.sees('*') ? `${text}*` : text)
      if (kind === 'reference') mentionAny(text)
    }
  }

  function matching(text: string): string[] {
    const wanted = text.endsWith('*')
      ? strings.filter(({ id }) => id.startsWith(text.slice(0, -1)) || text === '$*')
      : strings.filter(({ id }) => id === text)
    if (wanted.length === 0 || !text.startsWith('$')) throw new Refusal(`there is no string ${text}`)
    return mention(wanted.map(({ id }) => id))
  }

  function mention(ids: string[]): string[] {
    for (const id of ids) mentioned.add(id)
    return ids
  }

  /** A reference in what only the rule engine reads. */
  function mentionAny(text: string): void {
    if (text.length > 1) matching(`$${text.slice(1)}`)
  }

  function placeBehind(): Place | 'foreign' {
    if (reader.takes('at')) {
      const offset = arithmetic(0)
      if (offset.is === 'entry') return { kind: 'entry' }
      return offset.is === 'number' ? rangeOf(offset.value, offset.value) : 'foreign'
    }
    if (!reader.takes('in')) return anywhere
    reader.expect('(')
    const from = arithmetic(0)
    reader.expect('..')
    const to = arithmetic(0)
    reader.expect(')')
    return from.is === 'number' && to.is === 'number' ? rangeOf(from.value, to.value) : 'foreign'
  }

  function presence(text: string): Term {
    const [id] = text === '$' ? (current ?? []) : matching(text)
    if (id === undefined || text.endsWith('*')) throw new Refusal(`${text} stands where one string belongs`)
    const place = placeBehind()
    const condition: Condition = { kind: 'present', id, place: place === 'foreign' ? anywhere : place }
    return place === 'foreign' ? weakened(condition, 'a computed place') : truth(condition)
  }

  function reference(): Term {
    const { text } = reader.take()
    if (text.startsWith('$')) return presence(text)
    const [id] = text.length === 1 ? (current ?? []) : matching(`$${text.slice(1)}`)
    if (id === undefined) throw new Refusal(`${text} stands outside of a "for … of"`)
    if (reader.takes('[')) {
      expression()
      reader.expect(']')
      return foreign('places of matches')
    }
    if (reader.sees('in')) {
      placeBehind()
      return foreign('matches within a range')
    }
    return text.startsWith('#') ? { is: 'matches', id } : foreign('places of matches')
  }

  function primary(): Term {
    const token = reader.peek()
    if (token === undefined) throw reader.unexpected()
    if (token.kind === 'reference') return reference()
    if (token.kind === 'number') return number(numberOf(reader.take().text))
    if (token.kind === 'text' || token.kind === 'regex') {
      reader.take()
      return foreign('texts')
    }
    if (reader.takes('(')) {
      const inner = expression()
      reader.expect(')')
      return inner
    }
    if (token.kind !== 'identifier') throw reader.unexpected()
    reader.take()
    return word(token.text)
  }

  function word(text: string): Term {
    switch (text) {
      case 'true':
      case 'false':
        return truth({ kind: 'constant', value: text === 'true' })
      case 'filesize':
        return { is: 'size' }
      case 'entrypoint':
        return { is: 'entry' }
      case 'any':
      case 'all':
      case 'none':
        reader.expect('of')
        return quantity(text, ofStrings)
      case 'for':
        return loop()
      default:
        return named(text)
    }
  }

  function quantity(word: string, read: (leastOf: (count: number) => number) => Term): Term {
    const term = read((count) => (word === 'all' ? count : 1))
    if (word !== 'none') return term
    return term.is === 'truth' ? truth({ kind: 'not', operand: term.condition }) : term
  }

  function loop(): Term {
    const word = ['any', 'all', 'none'].find((text) => reader.takes(text))
    const count = word === undefined ? arithmetic(0) : undefined
    if (reader.takes('of')) {
      const ids = stringSet()
      reader.expect(':')
      reader.expect('(')
      if (ids === undefined || ids.length > SUBSIGNATURES_MAX || current !== undefined) {
        skipClosed()
        return foreign('a loop over rules, over many strings or in another')
      }
      return overStrings(word, count, ids)
    }
    while (!reader.sees(':')) skipToken()
    reader.expect(':')
    reader.expect('(')
    skipClosed()
    return foreign('a loop')
  }

  function skipToken(): void {
    const { kind, text } = reader.take()
    if (kind === 'reference') mentionAny(text)
    if (kind === 'identifier') names.add(text)
  }

  /** The body is read once for each string, with `$` meaning it. */
  function overStrings(word: string | undefined, count: Term | undefined, ids: readonly string[]): Term {
    const outer = current
    const bodies = ids.map((id, index) => {
      const start = reader.mark()
      current = [id]
      const body = truthOf(expression())
      reader.expect(')')
      if (index < ids.length - 1) reader.reset(start)
      return body
    })
    current = outer
    const [first] = bodies
    const alike = first?.kind === 'present' && bodies.every((body) => body.kind === 'present')
    if (alike) {
      const least =
        word === undefined
          ? count?.is === 'number'
            ? count.value
            : undefined
          : word === 'all'
            ? ids.length
            : 1
      return quantity(word ?? 'some', () => chosen(least, ids, first.place))
    }
    if (word === undefined) return foreign('a loop that counts')
    return quantity(word, () => truth({ kind: word === 'all' ? 'and' : 'or', operands: bodies }))
  }

  /** A name, and whatever is asked of it: a field, an index, a call. */
  function named(name: string): Term {
    const read = /^(u?)int(8|16|32)(be)?$/.exec(name)
    if (read !== null && reader.takes('(')) {
      const offset = expression()
      reader.expect(')')
      if (read[1] === '' || offset.is !== 'number' || offset.value < 0) return foreign('a computed read')
      return {
        is: 'read',
        offset: offset.value,
        bytes: Number(read[2]) / 8,
        bigEndian: read[3] !== undefined,
      }
    }
    let plain = true
    for (;;) {
      if (reader.takes('.')) reader.take('identifier')
      else if (reader.takes('[')) {
        expression()
        reader.expect(']')
      } else if (reader.takes('(')) skipClosed()
      else break
      plain = false
    }
    if (!plain) return foreign(`the module or function ${name}`)
    names.add(name)
    return truth({ kind: 'rule', name })
  }

  return { condition: truthOf(expression()), mentioned, names }
}
