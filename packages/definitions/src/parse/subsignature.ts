/**
 * One sub-signature of a logical signature: `[offset:]hex[::modifiers]` (ClamAV manual, "Logical signatures"). The kinds
 * that are no byte patterns are told apart and refused by name.
 */
import { parseHexPattern } from './hex.ts'
import { foldCase, parseModifiers, standAlone, widenHex } from './modifiers.ts'
import { type PatternPart, type PlacedPattern, Refusal } from './pattern.ts'
import { parseOffset } from './place.ts'

/** The signs by which they are known: none of them stands in a pattern. In this order, since expressions may hold any sign. */
const foreignKinds: readonly (readonly [sign: string, name: string])[] = [
  ['fuzzy_img', 'a fuzzy image hash'],
  ['/', 'a regular expression'],
  ['#', 'a comparison of bytes'],
  ['$', 'a macro'],
]

/** Reads one sub-signature for a target: one pattern, or two for both widths. Throws Refusal. */
export function parseSubsignature(text: string, target: number): PlacedPattern[] {
  const foreign = foreignKinds.find(([sign]) => text.includes(sign))
  if (foreign !== undefined) throw new Refusal(`is ${foreign[1]}, which this version does not do yet`)
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
