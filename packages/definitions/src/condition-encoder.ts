/**
 * Sub-signatures that are no patterns → the sections conditions and triggers. Judging comes first and is apart, since a line
 * of which one thing is not taken must leave nothing behind.
 */
import { byteOptions, conditionKinds, numberKinds, regexFlags, relations } from './layout.ts'
import { operationWords } from './operation-words.ts'
import type { ByteComparison, Condition, RegexCondition, RegexFlags } from './parse/condition.ts'
import { Refusal } from './parse/pattern.ts'
import { kindWord } from './pattern-encoder.ts'
import { type BytePool, createWordBuffer, type WordBuffer } from './record-buffer.ts'
import { openRegexLibrary, RegexError, type RegexLibrary } from './regex/regex-library.ts'

/** Whose a condition is. */
export interface ConditionOwner {
  readonly logical: number
  readonly sub: number
  readonly limit: number
}

export interface ConditionEncoder {
  readonly conditions: WordBuffer
  readonly triggers: WordBuffer
  /** Conditions so far. */
  readonly count: number
  /** Throws Refusal for a condition that cannot be judged. */
  refuseMalformed(condition: Condition): void
  add(condition: Condition, owner: ConditionOwner): void
}

/** A compiled expression is a few hundred bytes; one of this size is `(((a{9}){99}){99}`, and would fill a matcher's cache. */
const REGEX_MAX_BYTES = 256 * 1024

/** What conditions consist of goes into `pool`, which others write to as well. */
export function createConditionEncoder(pool: BytePool): ConditionEncoder {
  const conditions = createWordBuffer()
  const triggers = createWordBuffer()
  let count = 0
  let library: RegexLibrary | undefined
  return {
    conditions,
    triggers,
    get count() {
      return count
    },
    refuseMalformed(condition) {
      if (condition.kind !== 'regex') return
      const { text, flags } = condition
      library ??= openRegexLibrary()
      refuseRegex(library, text, flags.options)
    },
    add(condition, { logical, sub, limit }) {
      const { kind, trigger } = condition
      const { data, words } = contentsOf(condition)
      conditions.push(conditionKinds.indexOf(kind), logical, sub, limit, pool.place(data), data.length)
      conditions.push(...words, trigger.length)
      for (const step of trigger) triggers.push(...operationWords(step))
      count += 1
    },
  }
}

/** The words from offsetKind to options. */
type PlaceWords = readonly [offsetKind: number, offset: number, maxShift: number, options: number]

function contentsOf(condition: Condition): { readonly data: Uint8Array; readonly words: PlaceWords } {
  switch (condition.kind) {
    case 'regex':
      return { data: condition.text, words: regexWords(condition) }
    case 'bytes':
      return { data: boundsOf(condition), words: bytesWords(condition) }
    case 'image':
      return { data: condition.hash, words: [0, 0, 0, 0] }
  }
}

function regexWords({ offset, flags }: RegexCondition): PlaceWords {
  const place = offset.kind === 'any' ? { distance: 0, maxShift: 0 } : offset
  return [kindWord(offset), place.distance, place.maxShift, optionsWord(flags)]
}

function bytesWords({
  near,
  before,
  distance,
  numberKind,
  little,
  exact,
  length,
}: ByteComparison): PlaceWords {
  const bits =
    (little ? byteOptions.little : 0) | (exact ? byteOptions.exact : 0) | (before ? byteOptions.before : 0)
  return [0, distance, length, near | (numberKinds.indexOf(numberKind) << 8) | bits]
}

function boundsOf({ comparisons }: ByteComparison): Uint8Array {
  const words = comparisons.flatMap(({ relation, value }) => {
    const bits = BigInt.asUintN(64, value)
    return [relations.indexOf(relation), Number(bits & 0xffffffffn), Number(bits >> 32n)]
  })
  return new Uint8Array(Uint32Array.from(words).buffer)
}

function refuseRegex(library: RegexLibrary, text: Uint8Array, options: number): void {
  try {
    const regex = library.compile(text, options)
    const bytes = library.bytesOf(regex)
    library.release(regex)
    if (bytes > REGEX_MAX_BYTES) throw new Refusal(`a regular expression that takes ${bytes} bytes compiled`)
  } catch (error) {
    if (error instanceof RegexError) throw new Refusal(`the regular expression: ${error.message}`)
    throw error
  }
}

function optionsWord({ global, rolling, encompass, options }: RegexFlags): number {
  const bits =
    (global ? regexFlags.global : 0) |
    (rolling ? regexFlags.rolling : 0) |
    (encompass ? regexFlags.encompass : 0)
  return (options | bits) >>> 0
}
