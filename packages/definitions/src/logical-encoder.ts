/** Parsed logical signatures → the sections logicals and operations, and the patterns and conditions of their sub-signatures. */
import { type CircumstanceEncoder, createCircumstanceEncoder } from './circumstance-lines.ts'
import type { ConditionEncoder } from './condition-encoder.ts'
import { keyPatterns } from './key-patterns.ts'
import { LATER_PARTS_MAX, NONE } from './layout.ts'
import { matchLimits } from './match-limits.ts'
import { operationWords } from './operation-words.ts'
import type { LogicalSignature } from './parse/ldb.ts'
import type { PatternEncoder, PlannedPart } from './pattern-encoder.ts'
import { createWordBuffer, type WordBuffer } from './record-buffer.ts'

export interface LogicalEncoder {
  readonly logicals: WordBuffer
  readonly operations: WordBuffer
  readonly circumstances: CircumstanceEncoder
  /** Writes one signature, with a plan for each of its patterns. */
  add(
    parsed: Omit<LogicalSignature, 'kind' | 'name'>,
    plans: readonly (readonly PlannedPart[])[],
    signature: number,
  ): void
}

/** Patterns go into `patterns`, which others write to as well, and the rest of the sub-signatures into `conditions`. */
export function createLogicalEncoder(patterns: PatternEncoder, conditions: ConditionEncoder): LogicalEncoder {
  const logicals = createWordBuffer()
  const operations = createWordBuffer()
  const circumstances = createCircumstanceEncoder()
  let logicalCount = 0
  let operationCount = 0
  return {
    logicals,
    operations,
    circumstances,
    add(parsed, plans, signature) {
      const { target, fileSize, operations: steps, patterns: own, conditions: asked } = parsed
      logicals.push(signature, target, patterns.count, own.length, operationCount, steps.length)
      logicals.push(fileSize?.min ?? 0, fileSize?.max ?? NONE, conditions.count, asked.length)
      logicals.push(parsed.circumstances === undefined ? NONE : circumstances.place(parsed.circumstances))
      for (const step of steps) operations.push(...operationWords(step))
      const limits = matchLimits(steps, ...asked.map(({ condition }) => condition.trigger))
      const keys = keyPatterns(
        steps,
        own.map(({ sub, offset }, index) => ({ sub, offset, plan: plans[index] ?? [] })),
        asked.map(({ sub, condition }) => ({ sub, trigger: condition.trigger })),
      )
      for (const { sub, condition } of asked) {
        conditions.add(condition, { logical: logicalCount, sub, limit: limits.get(sub) ?? 1 })
      }
      const isLater = (index: number) =>
        keys?.has(index) === false && (plans[index]?.length ?? 0) <= LATER_PARTS_MAX
      own.forEach((placed, index) => {
        const limit = limits.get(placed.sub) ?? 1
        patterns.add(placed, plans[index] ?? [], {
          signature,
          logical: { index: logicalCount, sub: placed.sub, limit, isLater: isLater(index) },
        })
      })
      operationCount += steps.length
      logicalCount += 1
    },
  }
}
