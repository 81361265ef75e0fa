/**
 * The scan of some files with patience: what is lost on the way (the scanner was replaced, the guard was killed, nobody had loaded the
 * definitions) is waited for and asked again; what is wrong with a file comes back as a value.
 */
import type { PolicySettings } from '@coreward/contracts'
import type { Limits, UnscannedReason } from '@coreward/engine'
import type { FileVerbs, ScanAnswer } from '../../verbs/file-verbs.ts'
import type { Against } from '../../verbs/scan-answer.ts'
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

/** A file that was asked for alone, and whose scanner was lost so often, is what the scanner dies of. */
const MOST_LOSSES = 2

/** Scans files under the same terms and against the same signatures until the signal ends it. */
export class FileScanner {
  readonly #scanning: FileScanning
  readonly #terms: ScanTerms
  readonly #signal: AbortSignal
  readonly #against: Against
  /** Those whose scanner was lost go one after the other, so that none is blamed for another. */
  #suspects: Promise<unknown> = Promise.resolve()

  constructor(scanning: FileScanning, terms: ScanTerms, signal: AbortSignal, against: Against = 'all') {
    this.#scanning = scanning
    this.#terms = terms
    this.#signal = signal
    this.#against = against
  }

  /**
   * Scans as many files as FileVerbs.scan takes; tells of each by its place, once. Rejects when there is nothing to scan with any more:
   * ScanError `definitions.none`, VerbError `guard-gone`.
   */
  async scan(
    paths: readonly string[],
    onOutcome: (place: number, outcome: FileOutcome) => void,
  ): Promise<void> {
    const left = new Set(paths.keys())
    const giveUp = (reason: UnscannedReason, detail: string) => {
      for (const place of left) onOutcome(place, { kind: 'unscanned', reason, detail })
      left.clear()
    }
    for (let tries = 1, losses = 0; left.size > 0; tries += 1) {
      const places = [...left]
      const asked = places.map((place) => paths[place] as string)
      const failure = await this.#ask(asked, (at, answer) => {
        const place = places[at]
        if (place !== undefined && left.delete(place)) onOutcome(place, { kind: 'answer', answer })
      })
      if (left.size === 0) return
      if (this.#signal.aborted) return giveUp('cancelled', 'the scan was ended')
      if (failure === undefined || failure.code === 'time-out')
        return giveUp('timed-out', failure?.message ?? 'there was no answer about it')
      if (!isPassing(failure)) return giveUp('unreadable', failure.message)
      if (failure.code === 'scanner-gone' && asked.length > 1) {
        return this.#scanSuspects(
          [...left].map((place) => [place, paths[place] as string]),
          onOutcome,
        )
      }
      if (failure.code === 'scanner-gone') losses += 1
      if (losses >= MOST_LOSSES) return giveUp('crashed', `${losses} times: ${failure.message}`)
      if (tries >= mostTries) throw failure
      if (failure.code === 'no-definitions') await loaded(this.#scanning.ensureDefinitions)
      await restAfter(tries, this.#signal)
    }
  }

  async #ask(
    paths: readonly string[],
    onAnswer: (at: number, answer: ScanAnswer) => void,
  ): Promise<VerbError | undefined> {
    try {
      const options = { ...this.#terms, against: this.#against, signal: this.#signal }
      await this.#scanning.verbs.scan(paths, options, onAnswer)
      return undefined
    } catch (error) {
      if (error instanceof VerbError) return error
      throw error
    }
  }

  async #scanSuspects(
    files: readonly (readonly [place: number, path: string])[],
    onOutcome: (place: number, outcome: FileOutcome) => void,
  ): Promise<void> {
    const before = this.#suspects
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#suspects = promise
    await before
    try {
      for (const [place, path] of files) await this.scan([path], (_, outcome) => onOutcome(place, outcome))
    } finally {
      resolve()
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

/** What a policy says of the scan of any one file. */
export interface ScanTerms {
  readonly limits: Partial<Limits>
  readonly passwords: readonly string[]
}

/** The policy's terms as the engine names them. */
export function scanTerms({ limits, scan }: Pick<PolicySettings, 'limits' | 'scan'>): ScanTerms {
  const { timeLimitSeconds, ...rest } = limits
  return {
    limits: { ...rest, timeLimitMilliseconds: timeLimitSeconds * 1000 },
    passwords: scan.archivePasswords,
  }
}
