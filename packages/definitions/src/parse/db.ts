/** ClamAV .db, the oldest form of a byte pattern: `Name=Hex`, for contents of any type and anywhere in them. */
import { parseHexPattern } from './hex.ts'
import { signatureName } from './line.ts'
import type { PatternSignature } from './ndb.ts'
import { Refusal } from './pattern.ts'

/** Reads one line. Throws Refusal. A ` (Clam)` behind the name is none of it, as in ClamAV. */
export function parseDb(line: string): PatternSignature {
  const [name = '', hex = '', ...more] = line.split('=')
  if (hex === '' || more.length > 0) throw new Refusal('it is not a name, "=" and a pattern')
  return {
    kind: 'pattern',
    name: signatureName(name.replace(/ \(Clam\)$/, '')),
    target: 0,
    offset: { kind: 'any' },
    parts: parseHexPattern(hex),
  }
}
