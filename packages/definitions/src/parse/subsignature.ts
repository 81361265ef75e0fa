/**
 * One sub-signature of a logical signature: `[offset:]hex[::modifiers]` (ClamAV manual, "Logical signatures"). The kinds
 * that are no byte patterns, and the modifiers, are told apart and refused by name.
 */
import { parseHexPattern } from './hex.ts'
import { type PlacedPattern, Refusal } from './pattern.ts'
import { parseOffset } from './place.ts'

/** The signs by which they are known: none of them stands in a pattern. In this order, since expressions may hold any sign. */
const foreignKinds: readonly (readonly [sign: string, name: string])[] = [
  ['fuzzy_img', 'a fuzzy image hash'],
  ['/', 'a regular expression'],
  ['#', 'a comparison of bytes'],
  ['$', 'a macro'],
]

/** Reads one sub-signature for a target. Throws Refusal. */
export function parseSubsignature(text: string, target: number): PlacedPattern {
  const foreign = foreignKinds.find(([sign]) => text.includes(sign))
  if (foreign !== undefined) throw new Refusal(`is ${foreign[1]}, which this version does not do yet`)
  const [body = '', modifiers = '', ...more] = text.split('::')
  if (more.length > 0) throw new Refusal('has "::" twice')
  if (modifiers !== '') throw new Refusal(`has modifiers (${modifiers}), which this version does not do yet`)
  const [hex = '', offset = '*', ...rest] = body.split(':').reverse()
  if (rest.length > 0) throw new Refusal('has more than one offset')
  return { target, offset: parseOffset(offset, target), parts: parseHexPattern(hex) }
}
