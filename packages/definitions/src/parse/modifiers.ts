/**
 * The modifiers behind a sub-signature (ClamAV manual, "Logical signatures"): `i` either case, `w` each byte followed by
 * a zero, `a` as it stands (with `w` both), `f` nothing alphanumeric just before and behind it. Each becomes part of the
 * pattern itself, so that a matcher need not know of them.
 */
import {
  type Edge,
  type MaskedBytes,
  type NearByte,
  type PatternElement,
  type PatternPart,
  Refusal,
} from './pattern.ts'

export interface Modifiers {
  readonly anyCase: boolean
  readonly wide: boolean
  readonly ascii: boolean
  readonly fullWord: boolean
}

/** Reads the letters. Without `w` and `a` it is `a`. Throws Refusal. */
export function parseModifiers(text: string): Modifiers {
  const foreign = /[^iwfa]/.exec(text)
  if (foreign !== null) throw new Refusal(`"${foreign[0]}" is not a modifier`)
  const wide = text.includes('w')
  return {
    anyCase: text.includes('i'),
    wide,
    ascii: text.includes('a') || !wide,
    fullWord: text.includes('f'),
  }
}

/**
 * A pattern's text with a zero behind each of its bytes, in alternatives too. Gaps, `{n}` among them, stay what they are.
 * Seen in clamscan 1.4.6. Throws Refusal.
 */
export function widenHex(text: string): string {
  if (/[![]|\([BLW]\)/.test(text)) throw new Refusal('the modifier w beside a negation, a class or [x-y]')
  return text.replace(/\{[^}]*\}|[0-9a-f?]{2}/gi, (piece) => (piece.startsWith('{') ? piece : `${piece}00`))
}

/** Letters that are given whole match in either case; halves of bytes stay what they are. Throws Refusal. */
export function foldCase(part: PatternPart): PatternPart {
  return {
    ...part,
    elements: part.elements.map(foldElement),
    ...(part.nearStart === undefined ? {} : { nearStart: foldNear(part.nearStart) }),
    ...(part.nearEnd === undefined ? {} : { nearEnd: foldNear(part.nearEnd) }),
  }
}

function foldElement(element: PatternElement): PatternElement {
  switch (element.kind) {
    case 'literal':
      return element.bytes.some(isLetter)
        ? { kind: 'folded', bytes: element.bytes.map((byte) => (isLetter(byte) ? byte | CASE_BIT : byte)) }
        : element
    case 'fixed': {
      if (!element.alternatives.some((bytes) => bytes.some(isLetter))) return element
      if (element.negated) throw new Refusal('the modifier i beside a negation that holds letters')
      const masked = element.alternatives.map((values) => ({ values, masks: values.map(() => 0xff) }))
      return { kind: 'branch', alternatives: masked.map(foldMasked) }
    }
    case 'branch':
      return { kind: 'branch', alternatives: element.alternatives.map(foldMasked) }
    default:
      return element
  }
}

/** What tells the cases of an ASCII letter apart. */
const CASE_BIT = 0x20

function isLetter(byte: number): boolean {
  const lower = byte | CASE_BIT
  return lower >= 0x61 && lower <= 0x7a
}

function foldMasked({ values, masks }: MaskedBytes): MaskedBytes {
  return { values, masks: masks.map((mask, index) => foldMask(values[index] ?? 0, mask)) }
}

function foldNear(near: NearByte): NearByte {
  return { ...near, mask: foldMask(near.value, near.mask) }
}

function foldMask(value: number, mask: number): number {
  return mask === 0xff && isLetter(value) ? 0xff ^ CASE_BIT : mask
}

/** A pattern that stands alone: neither before its first part nor behind its last anything alphanumeric, of its own width. */
export function standAlone(parts: readonly PatternPart[], wide: boolean): PatternPart[] {
  return parts.map((part, index) => {
    const added: Edge[] = []
    const characterClass = wide ? 'wideNonAlnum' : 'nonAlnum'
    if (index === 0) added.push({ side: 'start', negated: false, characterClass })
    if (index === parts.length - 1) added.push({ side: 'end', negated: false, characterClass })
    for (const { side, negated } of added) {
      const contrary = part.edges.some(
        (edge) => edge.side === side && edge.negated !== negated && edge.characterClass === characterClass,
      )
      if (contrary) throw new Refusal('the modifier f beside a !(W) at an end')
    }
    return { ...part, edges: [...part.edges, ...added] }
  })
}
