/**
 * One file's scan with patience: what is lost on the way (the scanner was replaced, the guard was killed, nobody had loaded the
 * definitions) is waited for and asked again; what is wrong with the file comes back as a value.
 */
import type { PolicySettings } from '@coreward/contracts'
import { type Limits, limitBounds, type UnscannedReason } from '@coreward/engine'
import type { FileVerbs, ScanAnswer } from '../../verbs/file-verbs.ts'
import { VerbError } from '../../verbs/verb-error.ts'
import { isPassing, mostTries, restAfter } from './patience.ts'
import { ScanError } from './scan-error.ts'

/** The file was scanned, or could not be for a reason that is not in it. */
export type FileOutcome =
  | { readonly kind: 'answer'; readonly answer: ScanAnswer }
  | { readonly kind: 'unscanned'; readonly reason: UnscannedReason; readonly detail: string }

export interface FileScanning {
  readonly verbs: Pick<FileVerbs, 'scan'>
  /** Has the scanner use the current definitions if it has none; the version, or null when there are none. */
  readonly ensureDefinitions: () => Promise<string | null>
}

/** Scans one file. Rejects when there is nothing to scan with any more: ScanError `definitions.none`, VerbError `guard-gone`. */
export async function scanFile(
  { verbs, ensureDefinitions }: FileScanning,
  path: string,
  limits: Partial<Limits>,
  signal: AbortSignal,
): Promise<FileOutcome> {
  for (let tries = 1; ; tries += 1) {
    try {
      return { kind: 'answer', answer: await verbs.scan(path, { limits, signal }) }
    } catch (error) {
      if (signal.aborted) return { kind: 'unscanned', reason: 'cancelled', detail: 'the scan was ended' }
      if (!(error instanceof VerbError)) throw error
      if (error.code === 'time-out') return { kind: 'unscanned', reason: 'timed-out', detail: error.message }
      if (!isPassing(error)) return { kind: 'unscanned', reason: 'unreadable', detail: error.message }
      if (tries >= mostTries) throw error
      if (error.code === 'no-definitions') await loaded(ensureDefinitions)
      await restAfter(tries, signal)
    }
  }
}

async function loaded(ensureDefinitions: () => Promise<string | null>): Promise<void> {
  if ((await ensureDefinitions()) === null) {
    throw new ScanError(
      'definitions.none',
      'There are no definitions on this host; nothing can be found without them.',
    )
  }
}

/** The policy's limits as the engine takes them. What the policy allows beyond the engine's bounds is brought within them. */
export function engineLimits(limits: PolicySettings['limits']): Partial<Limits> {
  const { timeLimitSeconds, ...rest } = limits
  const wanted: Partial<Limits> = { ...rest, timeLimitMilliseconds: timeLimitSeconds * 1000 }
  return Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => {
      const [lowest, , highest] = limitBounds[name as keyof Limits]
      return [name, Math.min(highest, Math.max(lowest, value))]
    }),
  )
}
