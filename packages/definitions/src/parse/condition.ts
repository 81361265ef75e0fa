/**
 * What a sub-signature that is no byte pattern may be: a condition that is looked at when a content has been searched, with
 * what was found of the other sub-signatures at hand. Plain data.
 */
import type { NumberKind, Relation } from '../layout.ts'
import type { Operation } from './expression.ts'
import type { PatternOffset } from './pattern.ts'

/** `Trigger/PCRE/flags`. */
export interface RegexCondition {
  readonly kind: 'regex'
  /** Must hold of the sub-signatures before it, or the expression is not tried. */
  readonly trigger: readonly Operation[]
  readonly offset: PatternOffset
  readonly text: Uint8Array
  readonly flags: RegexFlags
}

/** ClamAV's own flags, and the options of PCRE2 as a number. */
export interface RegexFlags {
  /** Counts all matches, not the first alone. */
  readonly global: boolean
  /** An offset without a shift is where the search begins, not where the match must stand. */
  readonly rolling: boolean
  /** A shift ends what the expression sees. */
  readonly encompass: boolean
  readonly options: number
}

/** `sub(offset#options#comparisons)`. */
export interface ByteComparison {
  readonly kind: 'bytes'
  /** That the sub-signature was found. */
  readonly trigger: readonly Operation[]
  /** The sub-signature from whose last match the distance counts. */
  readonly near: number
  readonly before: boolean
  readonly distance: number
  /** auto: hexadecimal if it begins with `0x`, else decimal. raw: as it lies in memory. */
  readonly numberKind: NumberKind
  readonly little: boolean
  /** No other bytes but the number's. */
  readonly exact: boolean
  readonly length: number
  /** One or two, of which all must hold. */
  readonly comparisons: readonly { readonly relation: Relation; readonly value: bigint }[]
}

/** `fuzzy_img#hash#0`. */
export interface ImageCondition {
  readonly kind: 'image'
  /** Empty: nothing is waited for. */
  readonly trigger: readonly []
  /** 8 bytes. */
  readonly hash: Uint8Array
}

export type Condition = RegexCondition | ByteComparison | ImageCondition
