/**
 * Sub-signatures that are no patterns → the sections conditions and triggers. Judging comes first and is apart, since a line
 * of which one thing is not taken must leave nothing behind.
 */
import { conditionKinds, regexFlags } from './layout.ts'
import { operationWords } from './operation-words.ts'
import type { Condition, RegexFlags } from './parse/condition.ts'
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
    refuseMalformed({ text, flags }) {
      library ??= openRegexLibrary()
      refuseRegex(library, text, flags.options)
    },
    add({ kind, trigger, offset, text, flags }, { logical, sub, limit }) {
      const place = offset.kind === 'any' ? { distance: 0, maxShift: 0 } : offset
      conditions.push(conditionKinds.indexOf(kind), logical, sub, limit, pool.place(text), text.length)
      conditions.push(kindWord(offset), place.distance, place.maxShift, optionsWord(flags), trigger.length)
      for (const step of trigger) triggers.push(...operationWords(step))
      count += 1
    },
  }
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
