/**
 * A comparison of bytes as a sub-signature: `sub(offset#options#comparisons)`, a number that stands at some distance from a
 * match of another sub-signature (ClamAV manual, "Byte Compare Subsignatures").
 */
import type { NumberKind, Relation } from '../layout.ts'
import type { ByteComparison } from './condition.ts'
import { Refusal } from './pattern.ts'

const relations: { readonly [sign: string]: Relation } = { '=': 'equal', '>': 'more', '<': 'less' }
const numberKinds: { readonly [letter: string]: NumberKind } = { h: 'hex', d: 'decimal', a: 'auto', i: 'raw' }

const OFFSET_MAX = 0x7fffffff
/** ClamAV's, for hexadecimal digits. */
const HEX_MAX_BYTES = 18
/** Ours: no number of 64 bits has so many digits. */
const MAX_BYTES = 255

/** Values are compared as numbers of 64 bits with a sign, and what is beyond counts as the outermost one. */
const [LOWEST, HIGHEST] = [-(2n ** 63n), 2n ** 63n - 1n]

/** Reads one. Throws Refusal. */
export function parseByteComparison(text: string): ByteComparison {
  const [, sub = '', sign = '', offset = '', options = '', asked = ''] =
    /^(\d{1,2})\((<<|>>)(0x[0-9a-f]+|\d+)#(\w+)#([^#()]+)\)$/i.exec(text) ?? []
  if (sub === '') throw new Refusal('a comparison of bytes that is not sub(>>offset#options#comparisons)')
  const distance = Number(offset)
  if (distance > OFFSET_MAX) throw new Refusal(`"${offset}" is not an offset`)
  const sets = asked.split(',')
  if (sets.length > 2) throw new Refusal('a comparison of bytes with more than two numbers')
  return {
    kind: 'bytes',
    trigger: [{ kind: 'count', sub: Number(sub), relation: 'more', bound: 0 }],
    near: Number(sub),
    before: sign === '<<',
    distance,
    ...parseOptions(options),
    comparisons: sets.map(parseComparison),
  }
}

function parseOptions(text: string): Pick<ByteComparison, 'numberKind' | 'little' | 'exact' | 'length'> {
  const [, letters = '', digits = ''] = /^([hdailbe]{1,3})(0x[0-9a-f]+|[1-9]\d*)$/.exec(text) ?? []
  const has = (letter: string) => letters.includes(letter)
  const kinds = Object.keys(numberKinds).filter(has)
  const numberKind = numberKinds[kinds[0] ?? '']
  if (numberKind === undefined || kinds.length > 1 || (has('l') && has('b')) || /(.).*\1/.test(letters)) {
    throw new Refusal(`"${text}" does not say how a number is written`)
  }
  if (numberKind === 'decimal' && has('l')) throw new Refusal('a decimal number has no little-endian order')
  // ClamAV takes such a line and never finds anything by it.
  if (numberKind !== 'decimal' && !has('l') && !has('b')) throw new Refusal(`"${text}" does not say l or b`)
  const length = Number(digits)
  if (numberKind === 'raw' ? ![1, 2, 4, 8].includes(length) : length < 1 || length > maxOf(numberKind)) {
    throw new Refusal(`a number of ${digits} bytes`)
  }
  return { numberKind, little: has('l'), exact: has('e'), length }
}

function maxOf(kind: NumberKind): number {
  return kind === 'hex' ? HEX_MAX_BYTES : MAX_BYTES
}

function parseComparison(text: string): ByteComparison['comparisons'][number] {
  const [, sign = '', minus = '', digits = ''] = /^([<>=])(-?)(0x[0-9a-f]+|\d+)$/i.exec(text) ?? []
  const relation = relations[sign]
  if (relation === undefined) throw new Refusal(`"${text}" is not a comparison with a number`)
  const value = BigInt(digits) * (minus === '' ? 1n : -1n)
  return { relation, value: value > HIGHEST ? HIGHEST : value < LOWEST ? LOWEST : value }
}
