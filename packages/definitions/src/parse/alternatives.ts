/**
 * What stands in parentheses in a pattern: alternatives of fixed length, which may be negated, and generic ones of any
 * lengths with wildcards and nesting, which may not (ClamAV manual, "Alternate strings"); and plain hexadecimal bytes.
 */
import { type MaskedBytes, type PatternElement, Refusal } from './pattern.ts'

/** Nested groups multiply out; more than this is an accident or an attack on the compiler. */
const EXPANDED_MAX = 1024

/** ClamAV's limit for groups in groups (ACPATT_ALTN_MAXNEST). */
const NESTING_MAX = 15

/** Reads hexadecimal digits and `?`, two for a byte. Throws Refusal. */
export function parseMasked(text: string): MaskedBytes {
  const foreign = /[^0-9a-f?]/i.exec(text)
  if (foreign !== null) throw new Refusal(`unexpected "${foreign[0]}"`)
  if (text.length % 2 !== 0) throw new Refusal('an odd number of hexadecimal digits')
  const values = new Uint8Array(text.length / 2)
  const masks = new Uint8Array(text.length / 2)
  for (let index = 0; index < values.length; index += 1) {
    const [high = '?', low = '?'] = text.slice(2 * index, 2 * index + 2)
    values[index] = (nibble(high) << 4) | nibble(low)
    masks[index] = (high === '?' ? 0 : 0xf0) | (low === '?' ? 0 : 0x0f)
  }
  return { values, masks }
}

function nibble(digit: string): number {
  return digit === '?' ? 0 : Number.parseInt(digit, 16)
}

/** Reads what stands between a group's parentheses. Throws Refusal. */
export function alternativesElement(text: string, negated: boolean): PatternElement {
  const expanded = expand(text, 0).map(parseMasked)
  const [first] = expanded
  if (first === undefined || expanded.some(({ values }) => values.length === 0)) {
    throw new Refusal('an empty alternative')
  }
  const plain =
    !text.includes('(') &&
    expanded.every(
      ({ values, masks }) => values.length === first.values.length && masks.every((mask) => mask === 0xff),
    )
  if (plain) return { kind: 'fixed', negated, alternatives: expanded.map(({ values }) => values) }
  if (negated) throw new Refusal('!( ) holds alternatives of different lengths or with wildcards')
  return { kind: 'branch', alternatives: expanded }
}

/** Multiplies nested groups out into plain texts. */
function expand(text: string, depth: number): string[] {
  if (depth > NESTING_MAX) throw new Refusal(`more than ${NESTING_MAX} groups in one another`)
  return splitTopLevel(text).flatMap((alternative) => {
    let grown = ['']
    for (let at = 0; at < alternative.length; ) {
      const open = alternative.indexOf('(', at)
      const plain = alternative.slice(at, open === -1 ? undefined : open)
      if (plain.includes('!')) throw new Refusal('a negation within alternatives')
      let inner = ['']
      if (open === -1) at = alternative.length
      else {
        const close = closingParenthesis(alternative, open)
        inner = expand(alternative.slice(open + 1, close), depth + 1)
        at = close + 1
      }
      grown = grown.flatMap((before) => inner.map((middle) => before + plain + middle))
      if (grown.length > EXPANDED_MAX) throw new Refusal(`more than ${EXPANDED_MAX} alternatives`)
    }
    return grown
  })
}

function splitTopLevel(text: string): string[] {
  const alternatives: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at <= text.length; at += 1) {
    if (text[at] === '(') depth += 1
    else if (text[at] === ')') depth -= 1
    else if (at === text.length || (text[at] === '|' && depth === 0)) {
      alternatives.push(text.slice(from, at))
      from = at + 1
    }
  }
  return alternatives
}

/** The place of the parenthesis that closes the one at `open`. Throws Refusal. */
export function closingParenthesis(text: string, open: number): number {
  let depth = 0
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1
    else if (text[at] === ')') depth -= 1
    if (depth === 0) return at
  }
  throw new Refusal('a parenthesis is not closed')
}
