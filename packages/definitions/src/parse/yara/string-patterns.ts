/**
 * A string of a rule → patterns of the matcher. Text and hexadecimal strings become what they are; of those that the matcher
 * cannot find exactly (regular expressions, parts without two fixed bytes) as much as every match of them must hold.
 */
import { planPattern } from '../../pattern-encoder.ts'
import { parseHexPattern } from '../hex.ts'
import { foldCase, standAlone, widenHex } from '../modifiers.ts'
import { type PatternPart, Refusal } from '../pattern.ts'
import { requiredRuns } from './required-runs.ts'
import type { RuleString } from './rule.ts'

/** A string's patterns, each its parts. */
export interface StringPatterns {
  /** Whether they stand for the string; if not, the string does not stand where none of them does. */
  readonly exact: boolean
  /** Whether each match of the string is one match of a pattern, beginning where it begins. */
  readonly counted: boolean
  readonly patterns: readonly (readonly PatternPart[])[]
}

/** What a run must hold at least to be worth a search. */
const RUN_MIN_BYTES = 3

/** Translates one string; undefined when nothing of it can be searched for. */
export function stringPatterns(string: RuleString): StringPatterns | undefined {
  const exact = exactPatterns(string)
  if (exact !== undefined) return exact
  if (['xor', 'base64', 'base64wide'].some((name) => string.modifiers.has(name as 'xor'))) return undefined
  const runs = requiredRuns(string)
  if (runs === undefined || runs.some((run) => run.length / 2 < RUN_MIN_BYTES)) return undefined
  return { exact: false, counted: false, patterns: runs.flatMap((hex) => modified(string, hex, false)) }
}

function exactPatterns(string: RuleString): StringPatterns | undefined {
  const { kind, text, modifiers } = string
  if (kind === 'regex' || [...modifiers].some((name) => name === 'xor' || name.startsWith('base64')))
    return undefined
  try {
    const hex = kind === 'text' ? textHex(text) : clamHex(text)
    const patterns = modified(string, hex, modifiers.has('fullword'))
    for (const parts of patterns) planPattern({ target: 0, offset: { kind: 'any' }, parts })
    return { exact: true, counted: patterns.every(({ length }) => length === 1), patterns }
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

/** The pattern in each of the widths and cases that the string's modifiers ask for. */
function modified({ modifiers, text, kind }: RuleString, hex: string, fullWord: boolean): PatternPart[][] {
  const wide = modifiers.has('wide')
  const ascii = modifiers.has('ascii') || !wide
  const anyCase =
    modifiers.has('nocase') || (kind === 'regex' && /i[is]*$/.test(text.slice(text.lastIndexOf('/'))))
  const patternOf = (pattern: string, isWide: boolean) => {
    const parts = parseHexPattern(pattern)
    const folded = anyCase ? parts.map(foldCase) : parts
    return fullWord ? standAlone(folded, isWide) : folded
  }
  return [...(ascii ? [patternOf(hex, false)] : []), ...(wide ? [patternOf(widenHex(hex), true)] : [])]
}

const escapes: { readonly [letter: string]: string } = { n: '0a', r: '0d', t: '09', '"': '22', '\\': '5c' }

/** A quoted text's bytes. Throws Refusal. */
export function textHex(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replace(/\\x([0-9a-fA-F]{2})|\\(.)|[^\\]/gsu, (piece, byte?: string, letter?: string) => {
      if (byte !== undefined) return byte
      if (letter === undefined) return Buffer.from(piece).toString('hex')
      const hex = escapes[letter]
      if (hex === undefined) throw new Refusal(`\\${letter} is not known in a text`)
      return hex
    })
}

/** A hexadecimal string as ClamAV writes patterns. Throws Refusal for what the matcher has no words for. */
export function clamHex(braced: string): string {
  const plain = braced.slice(1, -1).replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|\s+/g, '')
  if (plain.includes('~')) throw new Refusal('a negated byte')
  return plain.replace(/\[([^\]]*)\]/g, (_, jump: string) => {
    const [, low = '', dash = '', high = ''] = /^(\d*)(-?)(\d*)$/.exec(jump) ?? []
    if (dash === '') {
      if (low === '') throw new Refusal(`[${jump}] is not a jump`)
      return Number(low) === 0 ? '' : `{${Number(low)}}`
    }
    if (high === '') return Number(low) === 0 ? '*' : `{${Number(low)}-}`
    if (Number(high) === 0) return ''
    return Number(low) === Number(high) ? `{${Number(low)}}` : `{${Number(low)}-${Number(high)}}`
  })
}
