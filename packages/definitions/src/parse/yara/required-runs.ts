/**
 * The bytes that every match of a string must hold in a row: of a regular expression one run for each of its outermost
 * alternatives, of a hexadecimal string the longest run between what varies. Less than there is may be found, never more.
 */
import { Refusal } from '../pattern.ts'
import type { RuleString } from './rule.ts'

/** The runs as hexadecimal digits: each match holds one of them. Undefined when there is none. */
export function requiredRuns({ kind, text }: RuleString): string[] | undefined {
  if (kind === 'text') return undefined
  const runs =
    kind === 'hex' ? [longest(hexRuns(text.slice(1, -1)))] : regexRuns(text.slice(1, text.lastIndexOf('/')))
  return runs.every((run) => run !== undefined && run !== '') ? (runs as string[]) : undefined
}

function longest(runs: readonly string[]): string | undefined {
  return runs.reduce<string | undefined>(
    (best, run) => (best === undefined || run.length > best.length ? run : best),
    undefined,
  )
}

function hexRuns(body: string): string[] {
  let plain = body.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|\s+/g, '').replace(/\[[^\]]*\]/g, '-')
  // From the innermost groups outwards.
  for (let before = ''; before !== plain; ) {
    before = plain
    plain = plain.replace(/\([^()]*\)/g, '-')
  }
  return plain
    .replace(/~../g, '-')
    .split(/-|[()|]/)
    .flatMap((piece) => {
      const runs = ['']
      for (const [pair] of piece.matchAll(/../g)) {
        if (/^[0-9a-fA-F]{2}$/.test(pair)) runs.push(`${runs.pop()}${pair}`)
        else runs.push('')
      }
      return runs
    })
}

/** What a regular expression is made of, outermost: a byte, an end of an alternative, or anything else. */
type Atom = { readonly kind: 'byte'; readonly hex: string } | { readonly kind: 'or' | 'other' }

const pieces =
  /(?<open>\()|(?<or>\|)|(?<set>\[\^?\]?(?:[^\]\\]|\\.)*\])|\\x(?<byte>[0-9a-fA-F]{2})|\\(?<escaped>[^\w])|(?<other>\\.|[.^$])|(?<close>\))|(?<plain>[^\\])/sy

const quantifier = /(?<optional>[*?]|\{0?(?:,\d*)?\})\??|(?<repeated>\+|\{\d+(?:,\d*)?\})\??/y

/** One run for each outermost alternative; undefined where something is not understood. */
function regexRuns(source: string): (string | undefined)[] {
  const alternatives: string[][] = [['']]
  const runs = () => alternatives.at(-1) as string[]
  for (let at = 0; at < source.length; ) {
    const { atom, end } = atomAt(source, at)
    quantifier.lastIndex = end
    const repeat = quantifier.exec(source)
    at = end + (repeat?.[0].length ?? 0)
    if (atom.kind === 'or') {
      alternatives.push([''])
      continue
    }
    const isFixed = atom.kind === 'byte' && repeat?.groups?.optional === undefined
    if (isFixed) runs().push(`${runs().pop()}${atom.hex}`)
    if (!isFixed || repeat !== null) runs().push('')
  }
  return alternatives.map(longest)
}

function atomAt(source: string, at: number): { atom: Atom; end: number } {
  pieces.lastIndex = at
  const match = pieces.exec(source)
  if (match === null || match.groups?.close !== undefined)
    throw new Refusal('a regular expression that is none')
  const end = at + match[0].length
  const { open, or, byte, escaped, plain } = match.groups ?? {}
  if (open !== undefined) return { atom: { kind: 'other' }, end: groupEnd(source, end) }
  if (or !== undefined) return { atom: { kind: 'or' }, end }
  if (byte !== undefined) return { atom: { kind: 'byte', hex: byte }, end }
  const character = escaped ?? plain
  if (character === undefined || character > '~') return { atom: { kind: 'other' }, end }
  return { atom: { kind: 'byte', hex: character.charCodeAt(0).toString(16).padStart(2, '0') }, end }
}

function groupEnd(source: string, from: number): number {
  let depth = 1
  for (let at = from; at < source.length; ) {
    pieces.lastIndex = at
    const match = pieces.exec(source)
    if (match === null) break
    at += match[0].length
    if (match.groups?.open !== undefined) depth += 1
    if (match.groups?.close !== undefined) depth -= 1
    if (depth === 0) return at
  }
  throw new Refusal('a regular expression that is none')
}
