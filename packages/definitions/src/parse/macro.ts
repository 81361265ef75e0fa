/**
 * A macro as a sub-signature, `${min-max}group$`: one of a group of patterns, which .ndb lines with the offset `$group` make up, at a
 * distance from where the sub-signature before it begins (ClamAV manual, "Macro subsignatures").
 */
import { type PatternPart, Refusal } from './pattern.ts'

/** A macro, before its group is known. */
export interface Macro {
  readonly kind: 'macro'
  readonly group: number
  /** From the beginning of the sub-signature before. */
  readonly min: number
  readonly max: number
}

/** A pattern of a group. It is no signature of its own. */
export interface MacroMember {
  readonly kind: 'member'
  readonly name: string
  readonly group: number
  readonly parts: readonly PatternPart[]
}

/** ClamAV's limit. */
const GROUPS_MAX = 32

const DISTANCE_MAX = 0x7fffffff

/** Reads one. Throws Refusal. */
export function parseMacro(text: string): Macro {
  const [, low = '', high = '', group = ''] = /^\$\{(\d{1,10})-(\d{1,10})\}(\d+)\$$/.exec(text) ?? []
  if (group === '') throw new Refusal('a macro that is not $, a range in braces, a group and $')
  const [min, max] = [Number(low), Number(high)]
  if (min > max || max > DISTANCE_MAX) throw new Refusal(`"${low}-${high}" is not a range`)
  return { kind: 'macro', group: parseGroup(group), min, max }
}

/** Reads a group's number. Throws Refusal. */
export function parseGroup(text: string): number {
  if (!/^\d{1,2}$/.test(text) || Number(text) >= GROUPS_MAX) {
    throw new Refusal(`"${text}" is not a macro group from 0 to ${GROUPS_MAX - 1}`)
  }
  return Number(text)
}
