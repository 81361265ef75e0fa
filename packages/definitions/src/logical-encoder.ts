/** Parsed logical signatures → the sections logicals and operations, and the patterns of their sub-signatures. */
import { NONE, operationKinds, relations } from './layout.ts'
import { matchLimits } from './match-limits.ts'
import type { Operation } from './parse/expression.ts'
import type { LogicalSignature } from './parse/ldb.ts'
import type { PatternEncoder, PlannedPart } from './pattern-encoder.ts'
import { createWordBuffer, type WordBuffer } from './record-buffer.ts'

export interface LogicalEncoder {
  readonly logicals: WordBuffer
  readonly operations: WordBuffer
  /** Writes one signature, with a plan for each of its patterns. */
  add(parsed: LogicalSignature, plans: readonly (readonly PlannedPart[])[], signature: number): void
}

/** Patterns go into `patterns`, which others write to as well. */
export function createLogicalEncoder(patterns: PatternEncoder): LogicalEncoder {
  const logicals = createWordBuffer()
  const operations = createWordBuffer()
  let logicalCount = 0
  let operationCount = 0
  return {
    logicals,
    operations,
    add({ target, fileSize, operations: steps, patterns: own }, plans, signature) {
      logicals.push(signature, target, patterns.count, own.length, operationCount, steps.length)
      logicals.push(fileSize?.min ?? 0, fileSize?.max ?? NONE)
      for (const step of steps) operations.push(...operationWords(step))
      const limits = matchLimits(steps)
      own.forEach((placed, index) => {
        const limit = limits.get(placed.sub) ?? 1
        patterns.add(placed, plans[index] ?? [], {
          signature,
          logical: { index: logicalCount, sub: placed.sub, limit },
        })
      })
      operationCount += steps.length
      logicalCount += 1
    },
  }
}

function operationWords(step: Operation): [number, number, number, number] {
  const kind = operationKinds.indexOf(step.kind)
  switch (step.kind) {
    case 'count':
      return [kind, step.sub, relations.indexOf(step.relation), step.bound]
    case 'group':
      return [kind, step.distinct, relations.indexOf(step.relation), step.bound]
    default:
      return [kind, 0, 0, 0]
  }
}
