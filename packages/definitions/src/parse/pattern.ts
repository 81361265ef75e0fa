/**
 * What a parsed byte pattern is: plain data between the text and the binary. No parsing and no layout here.
 */

/** A byte compared under a mask: 0xff exact, 0 any, 0xf0 or 0x0f one nibble. */
export interface MaskedBytes {
  readonly values: Uint8Array
  readonly masks: Uint8Array
}

export type CharacterClass = 'word' | 'line' | 'nonAlnum'

/** One step of a part; each consumes bytes. */
export type PatternElement =
  | { readonly kind: 'literal'; readonly bytes: Uint8Array }
  /** ASCII letters in either case, given in lower case; the rest exactly. */
  | { readonly kind: 'folded'; readonly bytes: Uint8Array }
  | ({ readonly kind: 'masked' } & MaskedBytes)
  | { readonly kind: 'fixed'; readonly negated: boolean; readonly alternatives: readonly Uint8Array[] }
  | { readonly kind: 'branch'; readonly alternatives: readonly MaskedBytes[] }
  | { readonly kind: 'class'; readonly negated: boolean; readonly characterClass: CharacterClass }

/** A condition on what stands just outside a part; consumes nothing. */
export type Edge = { readonly side: 'start' | 'end' } & (
  | { readonly negated: boolean; readonly characterClass: CharacterClass }
  /** No letter or digit with a zero behind it. */
  | { readonly negated: false; readonly characterClass: 'wideNonAlnum' }
)

/** `aa[x-y]` before a part or `[x-y]aa` after it: a byte at some distance outside; consumes nothing. */
export interface NearByte {
  readonly value: number
  readonly mask: number
  readonly min: number
  readonly max: number
}

/** What stands between two gaps. `gap` is the one before it; the first part has none. */
export interface PatternPart {
  readonly gap?: { readonly min: number; readonly max: number | undefined }
  readonly elements: readonly PatternElement[]
  readonly edges: readonly Edge[]
  readonly nearStart?: NearByte
  readonly nearEnd?: NearByte
}

/** Where a pattern may begin; each may shift up to `maxShift` bytes later. */
export type PatternOffset =
  | { readonly kind: 'any' }
  | {
      readonly kind: 'start' | 'end' | 'entryAfter' | 'entryBefore' | 'lastSection' | 'versionInfo'
      readonly distance: number
      readonly maxShift: number
    }
  | {
      readonly kind: 'section' | 'wholeSection'
      readonly section: number
      readonly distance: number
      readonly maxShift: number
    }

/** A pattern and where it is looked for. */
export interface PlacedPattern {
  readonly target: number
  readonly offset: PatternOffset
  readonly parts: readonly PatternPart[]
}

/** A reason, in words, why a line is not taken. Thrown by the parsers, caught where files are read line by line. */
export class Refusal extends Error {}
