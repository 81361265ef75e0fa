/**
 * The engine's result on its way between our processes. The engine's types stand; the schemas here only check that what arrives is
 * one. A result too long for a message loses parts at the end of its lists, never its outcome.
 */
import { type Limits, limitBounds, type ScanResult, unscannedReasons } from '@coreward/engine'
import { z } from 'zod'
import { FileIdentity } from './file-facts.ts'

const Part = z.object({
  reason: z.enum(unscannedReasons),
  innerPath: z.string().optional(),
  detail: z.string().optional(),
})

const Detection = z.object({
  signature: z.string(),
  severity: z.string(),
  category: z.string(),
  description: z.string().optional(),
  innerPath: z.string().optional(),
})

const Verdict = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('clean') }),
  z.object({
    outcome: z.literal('infected'),
    detections: z.array(Detection).min(1),
    unscanned: z.array(Part),
  }),
  z.object({ outcome: z.literal('unscanned'), unscanned: z.array(Part).min(1) }),
])

/** Checks a ScanResult and gives it as the engine's own type: absent values are absent, not undefined. */
export const ScanResultMessage = z
  .object({
    verdict: Verdict,
    bytes: z.number(),
    bytesRead: z.number(),
    fileType: z.string(),
    sha256: z.string().optional(),
    milliseconds: z.number(),
    definitionsVersion: z.string(),
  })
  .transform((result) => result as ScanResult)

/** Bounds are the engine's to judge; here only names and kinds are. */
export const LimitsMessage = z
  .partialRecord(z.enum(Object.keys(limitBounds) as [keyof Limits, ...(keyof Limits)[]]), z.number())
  .transform((limits) => limits as Partial<Limits>)

export const ScanAnswerMessage = z.object({ result: ScanResultMessage, identity: FileIdentity.nullable() })

/** Room for the parts of a result in a message, in bytes: two such lists and the rest of a result fit in one. */
const LIST_BYTES = 28 * 1024

/** A result that fits in a message: lists that are too long are cut at their end, and keep at least one part. */
export function fitResult(result: ScanResult): ScanResult {
  const { verdict } = result
  if (verdict.outcome === 'clean') return result
  const unscanned = fitList(verdict.unscanned, LIST_BYTES)
  if (verdict.outcome === 'unscanned') return { ...result, verdict: { ...verdict, unscanned } }
  const detections = fitList(verdict.detections, LIST_BYTES)
  return { ...result, verdict: { ...verdict, detections, unscanned } }
}

function fitList<T>(list: readonly T[], bytes: number): readonly T[] {
  let used = 0
  const end = list.findIndex((part) => {
    used += Buffer.byteLength(JSON.stringify(part)) + 1
    return used > bytes
  })
  return end === -1 ? list : list.slice(0, Math.max(1, end))
}
