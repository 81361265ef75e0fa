/** What a YARA rule is: plain data between its text and what is made of it. No reading here. */
import type { Relation } from '../../layout.ts'

/** Modifiers of strings that the matcher knows, and those that the rule engine alone does. */
export const stringModifiers = [
  'nocase',
  'wide',
  'ascii',
  'fullword',
  'private',
  'xor',
  'base64',
  'base64wide',
] as const
export type StringModifier = (typeof stringModifiers)[number]

export interface RuleString {
  /** With its `$`; strings without a name are numbered. */
  readonly id: string
  readonly kind: 'text' | 'hex' | 'regex'
  /** As written, with its quotes, braces or slashes. */
  readonly text: string
  readonly modifiers: ReadonlySet<StringModifier>
}

export interface Rule {
  readonly name: string
  readonly line: number
  readonly isPrivate: boolean
  readonly isGlobal: boolean
  /** From its first word to its last brace. */
  readonly text: string
  readonly strings: readonly RuleString[]
  readonly condition: Condition
  /** Earlier rules of its file that its condition may speak of. */
  readonly uses: readonly Rule[]
}

/** Where a string is asked for. */
export type Place =
  | { readonly kind: 'any' }
  | { readonly kind: 'entry' }
  | { readonly kind: 'range'; readonly from: number; readonly to: number }

export type Condition =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'present'; readonly id: string; readonly place: Place }
  | { readonly kind: 'count'; readonly id: string; readonly relation: Relation; readonly bound: number }
  /** At least `least` of the strings. */
  | { readonly kind: 'of'; readonly least: number; readonly ids: readonly string[]; readonly place: Place }
  | { readonly kind: 'size'; readonly relation: Relation; readonly bound: number }
  /** These bytes stand at an offset. */
  | { readonly kind: 'bytes'; readonly offset: number; readonly hex: string }
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Condition[] }
  | { readonly kind: 'not'; readonly operand: Condition }
  | { readonly kind: 'foreign'; readonly what: string }
