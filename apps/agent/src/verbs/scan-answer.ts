/**
 * The engine's result on its way between our processes. The engine's types stand; the schemas here only check that what arrives is
 * one, and name what the engine names without loading it: guard and daemon have no use for it. A result too long for a message loses parts at the end of its lists, never its outcome.
 */
import type { Limits, ScanResult, UnscannedReason } from '@coreward/engine'
import { MESSAGE_DESCRIPTORS } from '@coreward/host'
import * as z from 'zod/mini'
import { FileIdentity } from './file-facts.ts'

/** The most files that are asked for together: their descriptors go in one message. */
export const SCAN_FILES = MESSAGE_DESCRIPTORS

/** What is told of some of the files that were asked for together, each with its place among them. */
export function placed<T extends z.ZodMiniType>(value: T) {
  return z.array(z.tuple([z.int().check(z.gte(0), z.lt(SCAN_FILES)), value]))
}

/** All of the engine's, by its own types. */
const reasons: Readonly<Record<UnscannedReason, true>> = {
  encrypted: true,
  'too-large': true,
  'too-deep': true,
  'too-many-entries': true,
  'compression-ratio': true,
  'timed-out': true,
  damaged: true,
  unsupported: true,
  'changed-during-scan': true,
  unreadable: true,
  vanished: true,
  'budget-exceeded': true,
  crashed: true,
  cancelled: true,
}
const limits: Readonly<Record<keyof Limits, true>> = {
  maxFileBytes: true,
  maxContentBytes: true,
  maxTotalContentBytes: true,
  maxEntries: true,
  maxDepth: true,
  maxRatio: true,
  timeLimitMilliseconds: true,
}

/** A scan's time limit where its caller names none; the engine's own default. In milliseconds. */
export const ASSUMED_TIME_LIMIT = 120_000

const Part = z.object({
  reason: z.enum(namesOf(reasons)),
  innerPath: z.optional(z.string()),
  detail: z.optional(z.string()),
})

const Detection = z.object({
  signature: z.string(),
  severity: z.string(),
  category: z.string(),
  description: z.optional(z.string()),
  innerPath: z.optional(z.string()),
})

const Verdict = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('clean') }),
  z.object({
    outcome: z.literal('infected'),
    detections: z.array(Detection).check(z.minLength(1)),
    unscanned: z.array(Part),
  }),
  z.object({ outcome: z.literal('unscanned'), unscanned: z.array(Part).check(z.minLength(1)) }),
])

/** Two bytes of bits, and eight of each hash. */
const hashPrefix = z.optional(z.string().check(z.regex(/^[0-9a-f]{16}$/)))
const Surface = z.object({
  bits: z.int().check(z.gte(0), z.lt(1 << 16)),
  md5: hashPrefix,
  sha1: hashPrefix,
  sha256: hashPrefix,
})

/** Checks a ScanResult and gives it as the engine's own type: absent values are absent, not undefined. */
export const ScanResultMessage = z.pipe(
  z.object({
    verdict: Verdict,
    bytes: z.number(),
    bytesRead: z.number(),
    fileType: z.string(),
    sha256: z.optional(z.string()),
    surface: z.optional(Surface),
    milliseconds: z.number(),
    definitionsVersion: z.string(),
  }),
  z.transform((result) => result as ScanResult),
)

/** Which signatures are looked for: all, or what is new in them alone. */
/** At most as many as a policy holds. */
export const PasswordsMessage = z.optional(z.array(z.string().check(z.maxLength(127))).check(z.maxLength(64)))

export const AgainstMessage = z.enum(['all', 'additions'])
export type Against = z.infer<typeof AgainstMessage>

/** Bounds are the scanner's to judge; here only names and kinds are. */
export const LimitsMessage = z.pipe(
  z.partialRecord(z.enum(namesOf(limits)), z.number()),
  z.transform((limits) => limits as Partial<Limits>),
)

export const ScanAnswerMessage = z.object({ result: ScanResultMessage, identity: z.nullable(FileIdentity) })

function namesOf<N extends string>(record: Readonly<Record<N, true>>): N[] {
  return Object.keys(record) as N[]
}

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

/**
 * Gives what happens at about the same time away together, in as many calls as messages are needed: results of clean files are short, of
 * the others each may fill a message.
 */
export class PartsGatherer<T> {
  readonly #isShort: (value: T) => boolean
  readonly #give: (part: [number, T][]) => void
  #gathered: [number, T][] = []
  #due: NodeJS.Immediate | undefined

  constructor(isShort: (value: T) => boolean, give: (part: [number, T][]) => void) {
    this.#isShort = isShort
    this.#give = give
  }

  add(place: number, value: T): void {
    if (!this.#isShort(value)) {
      this.#give([[place, value]])
      return
    }
    this.#gathered.push([place, value])
    this.#due ??= setImmediate(() => this.flush())
  }

  /** Gives away what is left. */
  flush(): void {
    clearImmediate(this.#due)
    this.#due = undefined
    const part = this.#gathered
    this.#gathered = []
    if (part.length > 0) this.#give(part)
  }
}

function fitList<T>(list: readonly T[], bytes: number): readonly T[] {
  let used = 0
  const end = list.findIndex((part) => {
    used += Buffer.byteLength(JSON.stringify(part)) + 1
    return used > bytes
  })
  return end === -1 ? list : list.slice(0, Math.max(1, end))
}
