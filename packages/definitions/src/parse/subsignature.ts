/**
 * One sub-signature of a logical signature: `[offset:]hex[::modifiers]` (ClamAV manual, "Logical signatures"), or one of the
 * kinds that are no byte patterns, told apart here and read in modules of their own.
 */

import { parseByteComparison } from './byte-comparison.ts'
import type { Condition } from './condition.ts'
import { FUZZY_IMAGE_SIGN, parseFuzzyImage } from './fuzzy-image.ts'
import { parseHexPattern } from './hex.ts'
import { type Macro, parseMacro } from './macro.ts'
import { foldCase, parseModifiers, standAlone, widenHex } from './modifiers.ts'
import { type PatternPart, type PlacedPattern, Refusal } from './pattern.ts'
import { parseOffset } from './place.ts'
import { parseRegularExpression } from './regular-expression.ts'

/** Reads sub-signature number `sub`, for a target: a condition, a macro, or one pattern, or two for both widths. Throws Refusal. */
export function parseSubsignature(
  text: string,
  sub: number,
  target: number,
): Condition | Macro | PlacedPattern[] {
  // First, since an expression may hold the signs of all others.
  if (text.includes('/')) return parseRegularExpression(text, sub, target)
  if (text.startsWith(FUZZY_IMAGE_SIGN)) return parseFuzzyImage(text)
  if (text.includes('#')) return parseByteComparison(text)
  if (text.startsWith('$')) return parseMacro(text)
  const [body = '', letters = '', ...more] = text.split('::')
  if (more.length > 0) throw new Refusal('has "::" twice')
  const { anyCase, wide, ascii, fullWord } = parseModifiers(letters)
  const [hex = '', offset = '*', ...rest] = body.split(':').reverse()
  if (rest.length > 0) throw new Refusal('has more than one offset')
  const place = { target, offset: parseOffset(offset, target) }
  const modified = (parts: readonly PatternPart[], isWide: boolean) => {
    const folded = anyCase ? parts.map(foldCase) : parts
    return { ...place, parts: fullWord ? standAlone(folded, isWide) : folded }
  }
  return [
    ...(ascii ? [modified(parseHexPattern(hex), false)] : []),
    ...(wide ? [modified(parseHexPattern(widenHex(hex)), true)] : []),
  ]
}
