/**
 * The scans of this host: begins them, keeps them within bounds, tells of their beginning and end. A scan goes on whether or
 * not whoever asked for it still listens. One that a kill cut short is told of at the next start, never silently forgotten.
 */
import { randomUUID } from 'node:crypto'
import type {
  PolicySettings,
  ScanFinding,
  ScanKind,
  ScanProgress,
  ScanRequest,
  ScanSummary,
  ScanTrigger,
} from '@coreward/contracts'
import { type Paths, readMounts } from '@coreward/host'
import type { Logger } from 'pino'
import { SCAN_FILES } from '../../verbs/scan-answer.ts'
import type { JournalledScan, Spool } from '../spool/spool.ts'
import type { FatalFiles } from './fatal-files.ts'
import { scanTerms } from './file-scanning.ts'
import type { CleanBasis, CleanFiles, KnownClean } from './known-clean.ts'
import {
  customRoots,
  fullRoots,
  liesOnNetwork,
  outOfScope,
  outOfScopeError,
  quickRoots,
  withoutNested,
} from './roots.ts'
import { ScanError } from './scan-error.ts'
import { type FatalOnBasis, runScan, type ScanRunDuties } from './scan-run.ts'
import { Tally } from './tally.ts'
import { wirePath } from './wire-verdict.ts'

export interface ScanDuties extends ScanRunDuties {
  readonly spool: Spool
  readonly log: Logger
  readonly paths: Paths
  /** Release of the running kernel, as in /lib/modules. */
  readonly kernelRelease: string
  readonly settings: () => Readonly<PolicySettings>
  readonly knownClean: KnownClean
  readonly fatalFiles: FatalFiles
  /** What, besides the limits, a verdict rests on: the definitions in use, what is new in them, and this program, as a text. */
  readonly basis: () => CleanBasis
  /** Added to every quick scan. */
  readonly extraQuickPaths: readonly string[]
  /** Told of all scans' progress, four times a second for each. */
  readonly onProgress: (progress: ScanProgress) => void
  /** Called when something was found and when a scan ended. */
  readonly onNews: () => void
}

/** What a listener hears of one scan. */
export interface ScanListener {
  readonly onProgress: (progress: ScanProgress) => void
  readonly onFinding: (finding: ScanFinding) => void
}

export interface ScanOutcome {
  readonly scanId: string
  readonly state: 'completed' | 'cancelled' | 'failed' | 'interrupted'
  readonly summary: ScanSummary
  readonly failure: string | null
}

export interface StartedScan {
  readonly scanId: string
  /** Never rejects. */
  readonly finished: Promise<ScanOutcome>
}

/** Custom scans at once: each has files in flight of its own. */
const MOST_CUSTOM_SCANS = 4

interface RunningScan extends JournalledScan {
  readonly end: AbortController
  progress: ScanProgress | null
  finished: Promise<unknown>
}

/** Why a scan's signal was aborted. */
type EndReason = 'cancelled' | 'interrupted'

export class Scans {
  readonly #duties: ScanDuties
  readonly #running = new Map<string, RunningScan>()
  #closed = false

  constructor(duties: ScanDuties) {
    this.#duties = duties
  }

  /** The scans that run, oldest first. */
  get running(): { scanId: string; kind: ScanKind; progress: ScanProgress | null }[] {
    return [...this.#running.values()].map(({ scanId, kind, progress }) => ({ scanId, kind, progress }))
  }

  /** Tells of the scans that a kill cut short. To be called once, before the first scan. */
  reportInterrupted(): void {
    for (const { soFar, ...scan } of this.#duties.spool.scans.unfinished()) {
      const summary = soFar ?? new Tally(scan.startedAt, scan.definitionsVersion).summary(scan.startedAt)
      const outcome = { scanId: scan.scanId, summary, failure: 'The agent was killed during the scan.' }
      this.#tellEnd(scan, { ...outcome, state: 'interrupted' })
    }
  }

  /**
   * Begins a scan; resolves once it runs and its beginning is stored. Rejects with ScanError, or SpoolError when nothing can be
   * stored.
   */
  async start(
    request: ScanRequest,
    trigger: ScanTrigger,
    options: { readonly scanId?: string; readonly listener?: ScanListener } = {},
  ): Promise<StartedScan> {
    const { spool, log, settings } = this.#duties
    const scanId = options.scanId ?? randomUUID()
    this.#assertRoom(request.kind)
    const end = new AbortController()
    const scan: RunningScan = {
      scanId,
      kind: request.kind,
      paths: request.paths.map(wirePath),
      trigger,
      startedAt: new Date().toISOString(),
      definitionsVersion: null,
      end,
      progress: null,
      finished: Promise.resolve(),
    }
    // Its place is taken before anything is waited for, so that two callers cannot both have the last one.
    this.#running.set(scanId, scan)
    try {
      const definitionsVersion = await this.#duties.ensureDefinitions()
      if (definitionsVersion === null) {
        throw new ScanError(
          'definitions.none',
          'There are no definitions on this host yet; wait for the first update.',
        )
      }
      const scope = await this.#scopeOf(request)
      const batches = await this.#batches()
      if (this.#closed) throw new ScanError('scan.busy', 'The agent is stopping.')
      const journalled = journalledOf({ ...scan, definitionsVersion })
      const { kind, paths } = journalled
      spool.enqueueWith({ type: 'scan.started', data: { scanId, kind, paths: [...paths], trigger } }, () =>
        spool.scans.begin(journalled),
      )
      log.info({ scanId, kind, trigger }, 'scan started')
      const cleanFiles = this.#cleanFiles(scope.onNetwork, request.fresh === true)
      const finished = runScan(this.#duties, {
        ...scope,
        cleanFiles,
        fatalFiles: this.#fatalFiles(),
        scanId,
        action: request.action,
        settings: settings(),
        batches,
        startedAt: journalled.startedAt,
        definitionsVersion,
        signal: end.signal,
        onProgress: (progress) => {
          scan.progress = progress
          this.#duties.onProgress(progress)
          options.listener?.onProgress(progress)
        },
        onFinding: (finding) => {
          options.listener?.onFinding(finding)
          if (finding.kind === 'detection') this.#duties.onNews()
        },
        onSoFar: (summary) => this.#note(scanId, summary),
      }).then(({ summary, failure }) => {
        cleanFiles[Symbol.dispose]()
        return this.#ended(journalled, end.signal, summary, failure)
      })
      scan.finished = finished
      return { scanId, finished }
    } catch (error) {
      this.#running.delete(scanId)
      throw error
    }
  }

  /** Ends a scan; its outcome is `cancelled`. Throws ScanError `scan.unknown`. */
  cancel(scanId: string): void {
    const scan = this.#running.get(scanId)
    if (scan === undefined) throw new ScanError('scan.unknown', `No scan ${scanId} runs on this host.`)
    scan.end.abort('cancelled' satisfies EndReason)
  }

  /** Ends all scans as interrupted and waits until that is stored. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    const scans = [...this.#running.values()]
    for (const scan of scans) scan.end.abort('interrupted' satisfies EndReason)
    await Promise.all(scans.map((scan) => scan.finished))
  }

  #assertRoom(kind: ScanKind): void {
    if (this.#closed) throw new ScanError('scan.busy', 'The agent is stopping.')
    const scans = [...this.#running.values()]
    if (kind === 'custom') {
      if (scans.filter((scan) => scan.kind === 'custom').length < MOST_CUSTOM_SCANS) return
      throw new ScanError(
        'scan.busy',
        `${MOST_CUSTOM_SCANS} scans of chosen paths run already; wait for one to end.`,
      )
    }
    const other = scans.find((scan) => scan.kind !== 'custom')
    if (other === undefined) return
    throw new ScanError(
      'scan.busy',
      `A ${other.kind} scan runs already (${other.scanId}); wait for it or cancel it.`,
    )
  }

  /** The times of files on other machines are those machines' word: nothing is known of them. */
  #cleanFiles(onNetwork: boolean, fresh: boolean): CleanFiles {
    if (onNetwork) return nothingKnown
    return this.#duties.knownClean.on(this.#basis(), fresh)
  }

  #fatalFiles(): FatalOnBasis {
    const { fatalFiles } = this.#duties
    const { definitions, rest } = this.#basis()
    const basis = JSON.stringify([definitions, rest])
    return {
      has: (words, at) => fatalFiles.has(basis, words, at),
      add: (state) => fatalFiles.add(basis, state),
    }
  }

  /** What a verdict of now rests on, limits and passwords included. */
  #basis(): CleanBasis {
    const { basis, settings } = this.#duties
    const { rest, ...others } = basis()
    return { ...others, rest: JSON.stringify([rest, scanTerms(settings())]) }
  }

  async #scopeOf(request: ScanRequest) {
    const { verbs, paths, kernelRelease, extraQuickPaths, settings } = this.#duties
    const mounts = readMounts()
    const named =
      request.kind === 'full'
        ? fullRoots(mounts)
        : request.kind === 'quick'
          ? await quickRoots(verbs, kernelRelease, extraQuickPaths)
          : await customRoots(verbs, request)
    const { networkFileSystems } = settings().scan
    const pruned = outOfScope({
      mounts,
      roots: request.kind === 'custom' ? named : [],
      networkFileSystems,
      paths,
    })
    const barred = request.kind === 'custom' ? named.find(pruned) : undefined
    if (barred !== undefined) throw outOfScopeError(barred)
    const onNetwork = networkFileSystems || liesOnNetwork(mounts, named)
    return { roots: withoutNested(named, pruned), pruned, onNetwork }
  }

  /**
   * Enough to keep the scanner's workers busy while answers travel. Where the policy grants fewer threads than the scanner has workers,
   * so many files at once, each by itself.
   */
  async #batches(): Promise<{ files: number; inFlight: number }> {
    const { workers: granted } = this.#duties.settings().scan
    const { scanner } = await this.#duties.verbs.health()
    const workers = Math.max(1, scanner?.workers ?? 1)
    if (granted > 0 && granted < workers) return { files: 1, inFlight: granted }
    return { files: SCAN_FILES, inFlight: workers + 1 }
  }

  #note(scanId: string, summary: ScanSummary): void {
    try {
      this.#duties.spool.scans.note(scanId, summary)
    } catch (error) {
      this.#duties.log.debug({ err: error }, 'scan not noted')
    }
  }

  #ended(
    scan: JournalledScan,
    signal: AbortSignal,
    summary: ScanSummary,
    failure: Error | null,
  ): ScanOutcome {
    const { scanId } = scan
    this.#running.delete(scanId)
    const outcome: ScanOutcome =
      failure !== null
        ? { scanId, state: 'failed', summary, failure: failure.message.slice(0, 2000) }
        : signal.aborted
          ? {
              scanId,
              state: signal.reason as EndReason,
              summary,
              failure: endText[signal.reason as EndReason],
            }
          : { scanId, state: 'completed', summary, failure: null }
    return this.#tellEnd(scan, outcome)
  }

  /** Stores the end. Where that fails the scan stays in the journal and is told of as interrupted at the next start. */
  #tellEnd(scan: JournalledScan, outcome: ScanOutcome): ScanOutcome {
    const { spool, log, onNews } = this.#duties
    const { scanId, kind, paths, trigger } = scan
    const { state, summary, failure } = outcome
    log.info({ scanId, kind, state, failure, summary }, 'scan ended')
    try {
      spool.enqueueWith(
        {
          type: 'scan.finished',
          data: { scanId, kind, paths: [...paths], trigger, state, summary, failure },
        },
        () => spool.scans.end(scanId, state, summary),
      )
      onNews()
      return outcome
    } catch (error) {
      log.error({ err: error, scanId }, 'the end of the scan could not be stored')
      const text = error instanceof Error ? error.message : String(error)
      return { ...outcome, state: 'failed', failure: failure ?? text }
    }
  }
}

const nothingKnown: CleanFiles = {
  additionsVersion: undefined,
  standing: () => 'unknown',
  remember: () => undefined,
  carry: () => false,
  [Symbol.dispose]: () => undefined,
}

const endText: Record<EndReason, string | null> = {
  cancelled: null,
  interrupted: 'The agent was stopped during the scan.',
}

function journalledOf(scan: JournalledScan): JournalledScan {
  const { scanId, kind, paths, trigger, startedAt, definitionsVersion } = scan
  return { scanId, kind, paths, trigger, startedAt, definitionsVersion }
}
