/** ClamAV .ndb: `Name:Target:Offset:Hex[:minFL[:maxFL]]`, a byte pattern (ClamAV manual, "Extended signature format"), or one of a macro's group. */
import { parseHexPattern } from './hex.ts'
import { fieldsOf, levelFits, signatureName } from './line.ts'
import { type MacroMember, parseGroup } from './macro.ts'
import type { PlacedPattern } from './pattern.ts'
import { parseOffset, parseTarget } from './place.ts'

export interface PatternSignature extends PlacedPattern {
  readonly kind: 'pattern'
  readonly name: string
}

/** Reads one line. Throws Refusal. */
export function parseNdb(line: string): PatternSignature | MacroMember | 'skipped' {
  const [name, target = '', offset = '', hex = '', least, most] = fieldsOf(line, ':', 4, 6)
  const checkedName = signatureName(name)
  if (!levelFits(least, most)) return 'skipped'
  if (offset.startsWith('$')) {
    return {
      kind: 'member',
      name: checkedName,
      group: parseGroup(offset.slice(1)),
      parts: parseHexPattern(hex),
    }
  }
  const number = target === '*' ? 0 : parseTarget(target)
  return {
    kind: 'pattern',
    name: checkedName,
    target: number,
    offset: parseOffset(offset, number),
    parts: parseHexPattern(hex),
  }
}
