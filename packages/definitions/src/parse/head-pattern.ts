/**
 * A byte pattern that is looked for in the first bytes of a content alone: translated for RE2, which finds it in linear time. What a
 * regular expression of that kind cannot say is refused; nobody has written a magic with it.
 */
import { RE2JS } from 're2js'
import { parseHexPattern } from './hex.ts'
import {
  type MaskedBytes,
  type PatternElement,
  type PatternOffset,
  type PatternPart,
  Refusal,
} from './pattern.ts'

/** RE2's bound for one repetition. */
const REPEAT_MAX = 1000

/** Reads a pattern; the answer tells where in a head (latin1) its last match ends, -1 without one. Throws Refusal. */
export function headPattern(hex: string, offset: PatternOffset): (head: string) => number {
  const parts = parseHexPattern(hex)
  const literal = longestLiteral(parts)
  if (literal.length < 2) throw new Refusal('the magic has no two fixed bytes in a row')
  const expression = RE2JS.compile(startOf(offset) + parts.map(partSource).join(''), RE2JS.DOTALL)
  // A head is not behind anything: what is placed from the end is not there.
  if (offset.kind !== 'any' && offset.kind !== 'start') return () => -1
  return (head) => {
    if (!head.includes(literal)) return -1
    const matcher = expression.matcher(head)
    let end = -1
    while (matcher.find()) end = matcher.end()
    return end
  }
}

function startOf(offset: PatternOffset): string {
  if (offset.kind !== 'start') return ''
  return `^${anyBytes(offset.distance, offset.distance + offset.maxShift)}`
}

function partSource({ gap, elements, edges, nearStart, nearEnd }: PatternPart): string {
  if (edges.length > 0 || nearStart !== undefined || nearEnd !== undefined)
    throw new Refusal('a magic does not look at what stands around it')
  const before = gap === undefined ? '' : anyBytes(gap.min, gap.max)
  return before + elements.map(elementSource).join('')
}

/** As many bytes of any kind. Behind a thousand there are hardly any left of a head, so that any number will do as an upper bound. */
function anyBytes(min: number, max: number | undefined): string {
  const least =
    min === 0
      ? ''
      : `.{${min % REPEAT_MAX}}${`.{${REPEAT_MAX}}`.repeat(Math.floor(Math.min(min, 2 * REPEAT_MAX) / REPEAT_MAX))}`
  if (max === undefined || max - min >= REPEAT_MAX) return `${least}.*`
  return `${least}.{0,${max - min}}`
}

function elementSource(element: PatternElement): string {
  switch (element.kind) {
    case 'literal':
      return maskedSource({ values: element.bytes, masks: new Uint8Array(element.bytes.length).fill(0xff) })
    case 'masked':
      return maskedSource(element)
    case 'branch':
      return `(?:${element.alternatives.map(maskedSource).join('|')})`
    case 'fixed': {
      const plain = element.alternatives.map((bytes) =>
        maskedSource({ values: bytes, masks: new Uint8Array(bytes.length).fill(0xff) }),
      )
      if (!element.negated) return `(?:${plain.join('|')})`
      if (element.alternatives.some((bytes) => bytes.length !== 1))
        throw new Refusal('a magic says of one byte alone what it is not')
      return `[^${plain.join('')}]`
    }
    default:
      throw new Refusal('a magic does not look at what stands around it')
  }
}

function maskedSource({ values, masks }: MaskedBytes): string {
  let source = ''
  values.forEach((value, index) => {
    const mask = masks[index] ?? 0xff
    if (mask === 0xff) source += byteSource(value)
    else if (mask === 0) source += '.'
    else if (mask === 0xf0) source += `[${byteSource(value)}-${byteSource(value | 0x0f)}]`
    else source += `[${Array.from({ length: 16 }, (_, high) => byteSource((high << 4) | value)).join('')}]`
  })
  return source
}

function byteSource(value: number): string {
  return `\\x${value.toString(16).padStart(2, '0')}`
}

function longestLiteral(parts: readonly PatternPart[]): string {
  const literals = parts.flatMap(({ elements }) =>
    elements.flatMap((element) => (element.kind === 'literal' ? [Buffer.from(element.bytes)] : [])),
  )
  const longest = literals.reduce(
    (best, bytes) => (bytes.length > best.length ? bytes : best),
    Buffer.alloc(0),
  )
  return longest.toString('latin1')
}
