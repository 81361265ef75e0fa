/**
 * One scan from its first folder to its summary. Flow of a file: walk → excluded? → known? → batch → scan verb → verdict → tally,
 * findings, events. Where there is much to read, a second walk beside it counts the files, so that the progress has totals before the end.
 * It keeps no list of files, and calls nothing clean that was not read.
 */
import { performance } from 'node:perf_hooks'
import type { PolicySettings, ScanFinding, ScanProgress, ScanRequest, ScanSummary } from '@coreward/contracts'
import type { ScanResult, UnscannedPart } from '@coreward/engine'
import { STATE_WORDS } from '@coreward/host'
import { EntryPage } from '../../verbs/entry-page.ts'
import type { FileIdentity } from '../../verbs/file-facts.ts'
import type { FileVerbs } from '../../verbs/file-verbs.ts'
import type { Spool } from '../spool/spool.ts'
import { isCarried } from './carried-verdict.ts'
import { exclusionTest } from './exclusions.ts'
import { FileBatches, type WaitingFile } from './file-batches.ts'
import { type FileOutcome, FileScanner, scanTerms } from './file-scanning.ts'
import type { CleanFiles, Standing } from './known-clean.ts'
import { ProgressMeter } from './progress-meter.ts'
import { Tally } from './tally.ts'
import { actionFor, respond } from './threat-response.ts'
import { stateOfIdentity, type WalkedPage, walk } from './walk.ts'
import { unscannedData, unscannedPartsOf } from './wire-verdict.ts'

/** What a scan is given besides its request. */
export interface ScanRunDuties {
  readonly verbs: FileVerbs
  readonly spool: Spool
  readonly agentId: () => string
  readonly ensureDefinitions: () => Promise<string | null>
}

export interface ScanRunOptions {
  readonly scanId: string
  readonly action: ScanRequest['action']
  readonly roots: readonly string[]
  readonly pruned: (path: string) => boolean
  /** As it stood when the scan began: a scan is judged by one policy. */
  readonly settings: Readonly<PolicySettings>
  /** How many files are asked for together, and how many such batches at once. */
  readonly batches: { readonly files: number; readonly inFlight: number }
  readonly startedAt: string
  readonly definitionsVersion: string | null
  readonly cleanFiles: CleanFiles
  readonly fatalFiles: FatalOnBasis
  readonly signal: AbortSignal
  readonly onProgress: (progress: ScanProgress) => void
  readonly onFinding: (finding: ScanFinding) => void
  /** Told every few seconds, to be noted for the case of a kill. */
  readonly onSoFar: (summary: ScanSummary) => void
}

/** The files that the scanner died of, under this scan's definitions, limits and program. */
export interface FatalOnBasis {
  has(words: Uint32Array, at: number): boolean
  add(state: Uint32Array): void
}

/** `failure` is set when the scan could not go on; the summary then tells what was done until then. */
export interface ScanRunResult {
  readonly summary: ScanSummary
  readonly failure: Error | null
}

/** Events and findings about unscanned files of one scan; the summary counts all. */
const MOST_UNSCANNED_TOLD = 1000

/** So much to be read, and counting all files beside it costs little. */
const COUNT_FROM_FILES = 2_000
const COUNT_FROM_BYTES = 200_000_000

const NOT_AGAIN =
  'the scanner stopped at it before; it is tried again with other definitions, limits, or another program'

const PROGRESS_INTERVAL = 250
const SO_FAR_INTERVAL = 5_000

/** Runs one scan. Never rejects. */
export async function runScan(duties: ScanRunDuties, options: ScanRunOptions): Promise<ScanRunResult> {
  const run = new ScanRun(duties, options)
  const timers = [
    setInterval(() => options.onProgress(run.progress()), PROGRESS_INTERVAL),
    setInterval(() => options.onSoFar(run.summary()), SO_FAR_INTERVAL),
  ]
  try {
    const failure = await run.complete()
    options.onProgress(run.progress())
    return { summary: run.summary(), failure }
  } finally {
    for (const timer of timers) clearInterval(timer)
  }
}

class ScanRun {
  readonly #duties: ScanRunDuties
  readonly #options: ScanRunOptions
  readonly #tally: Tally
  readonly #meter: ProgressMeter
  /** Undefined when nothing is excluded: then no path is made of a file that is known. */
  readonly #excluded: ((path: string) => boolean) | undefined
  readonly #scanner: FileScanner
  /** For files that are to be read against the additions alone. */
  readonly #rereader: FileScanner
  /** Ends everything of this run: its caller's signal, or its own failure. */
  readonly #end = new AbortController()
  readonly #signal: AbortSignal
  readonly #asked = { files: 0, bytes: 0 }
  #counting: Promise<void> | undefined
  #failure: Error | null = null
  #unscannedTold = 0

  constructor(duties: ScanRunDuties, options: ScanRunOptions) {
    this.#duties = duties
    this.#options = options
    this.#tally = new Tally(options.startedAt, options.definitionsVersion)
    this.#meter = new ProgressMeter(options.scanId)
    this.#excluded = exclusionTest(options.settings.exclusions)
    this.#signal = AbortSignal.any([options.signal, this.#end.signal])
    const terms = scanTerms(options.settings)
    this.#scanner = new FileScanner(duties, terms, this.#signal)
    this.#rereader = new FileScanner(duties, terms, this.#signal, 'additions')
  }

  progress(): ScanProgress {
    return this.#meter.read(performance.now())
  }

  summary(): ScanSummary {
    return this.#tally.summary(new Date().toISOString())
  }

  async complete(): Promise<Error | null> {
    try {
      await this.#scanAll()
    } catch (error) {
      this.#fail(error)
    }
    this.#end.abort()
    await this.#counting
    return this.#failure
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error))
    this.#end.abort()
  }

  #walk() {
    const { roots, pruned } = this.#options
    return walk({ verbs: this.#duties.verbs, roots, pruned, signal: this.#signal })
  }

  async #count(): Promise<void> {
    let count = 0
    let bytes = 0
    for await (const { words, files, path } of this.#walk()) {
      for (const [place, at] of files.entries()) {
        if (this.#excluded?.(path(place))) continue
        count += 1
        bytes += EntryPage.size(words, at)
      }
    }
    if (!this.#signal.aborted) this.#meter.setTotal(count, bytes)
  }

  /** The scanning walk knows the totals at its end; where that is far, another walk finds them out. */
  #countIfLong(files: number, bytes: number): void {
    if (this.#counting !== undefined || (files < COUNT_FROM_FILES && bytes < COUNT_FROM_BYTES)) return
    this.#counting = this.#count().catch(() => {
      // The scanning walk meets the same trouble and tells of it; the totals just stay unknown.
    })
  }

  async #scanAll(): Promise<void> {
    const batches = new FileBatches({
      ...this.#options.batches,
      scan: (files) => this.#scanBatch(files).catch((error: unknown) => this.#fail(error)),
    })
    const rereads = new FileBatches({
      ...this.#options.batches,
      scan: (files) => this.#rereadBatch(files, batches).catch((error: unknown) => this.#fail(error)),
    })
    const sum = { files: 0, bytes: 0 }
    try {
      for await (const page of this.#walk()) {
        this.#tally.foldersUnreadable += page.unreadableFolders.length
        for (let place = 0; place < page.files.length && !this.#signal.aborted; place += 1) {
          const chosen = this.#take(page, place, { batches, rereads }, sum)
          if (chosen !== undefined && !chosen.hasRoom) await chosen.room()
        }
        if (this.#signal.aborted) break
      }
      if (!this.#signal.aborted) {
        this.#meter.setTotal(sum.files, sum.bytes)
        await rereads.end()
        await batches.end()
      }
    } finally {
      await rereads.drop()
      await batches.drop()
    }
  }

  /** Decides about a file that was walked past; where it was put, if it is to be read. */
  #take(
    page: WalkedPage,
    place: number,
    { batches, rereads }: { readonly batches: FileBatches; readonly rereads: FileBatches },
    sum: { files: number; bytes: number },
  ): FileBatches | undefined {
    const { words, files, path } = page
    const at = files[place] as number
    if (this.#excluded?.(path(place))) {
      this.#tally.filesExcluded += 1
      return undefined
    }
    const size = EntryPage.size(words, at)
    sum.files += 1
    sum.bytes += size
    const standing = this.#options.cleanFiles.standing(words, at)
    if (standing === 'known' || standing === 'answered') {
      this.#unchanged(size, standing)
      return undefined
    }
    if (this.#options.fatalFiles.has(words, at)) {
      this.#unscanned(path(place), [{ reason: 'crashed', detail: NOT_AGAIN }])
      this.#meter.filesDone += 1
      this.#meter.bytesDone += size
      return undefined
    }
    this.#asked.files += 1
    this.#asked.bytes += size
    this.#countIfLong(this.#asked.files, this.#asked.bytes)
    const chosen = standing === 'added' ? rereads : batches
    chosen.add({ path: path(place), size, state: words.slice(at, at + STATE_WORDS) })
    return chosen
  }

  #unchanged(size: number, standing: Standing): void {
    this.#tally.filesScanned += 1
    if (standing === 'answered') this.#tally.filesAnswered += 1
    this.#tally.filesUnchanged += 1
    this.#meter.filesDone += 1
    this.#meter.bytesDone += size
  }

  async #scanBatch(files: readonly WaitingFile[]): Promise<void> {
    this.#meter.currentPath = files[0]?.path ?? null
    // One after the other, as they come.
    let acting: Promise<void> = Promise.resolve()
    const openedAt = Date.now()
    const paths = files.map(({ path }) => path)
    try {
      await this.#scanner.scan(paths, (place, outcome) => {
        const file = files[place]
        if (file === undefined) return
        const { path, size, state } = file
        this.#judge(path, outcome, openedAt)
        if (outcome.kind === 'unscanned' && outcome.reason === 'crashed') this.#options.fatalFiles.add(state)
        this.#meter.filesDone += 1
        this.#meter.bytesDone += size
        if (outcome.kind !== 'answer' || outcome.answer.result.verdict.outcome !== 'infected') return
        const { result, identity } = outcome.answer
        acting = acting
          .then(() => this.#found(path, result, identity))
          .catch((error: unknown) => this.#fail(error))
      })
    } finally {
      await acting
    }
  }

  /** Reads files against the additions; those of which that is not the whole truth go on to be read against everything. */
  async #rereadBatch(files: readonly WaitingFile[], batches: FileBatches): Promise<void> {
    const paths = files.map(({ path }) => path)
    await this.#rereader.scan(paths, (place, outcome) => {
      const file = files[place]
      if (file === undefined) return
      if (isCarried(outcome, this.#options.cleanFiles)) {
        this.#tally.filesScanned += 1
        this.#tally.filesAgainstAdditions += 1
        this.#tally.bytesScanned += file.size
        this.#meter.filesDone += 1
        this.#meter.bytesDone += file.size
      } else if (this.#signal.aborted) this.#unscanned(file.path, [{ reason: 'cancelled' }])
      else batches.add(file)
    })
    await batches.room()
  }

  #judge(path: string, outcome: FileOutcome, openedAt: number): void {
    if (outcome.kind === 'unscanned') {
      this.#unscanned(path, [{ reason: outcome.reason, detail: outcome.detail }])
      return
    }
    const { result, identity } = outcome.answer
    const parts = unscannedPartsOf(result)
    this.#tally.bytesScanned += parts.length === 0 ? result.bytes : Math.min(result.bytes, result.bytesRead)
    if (parts.length === 0) this.#tally.filesScanned += 1
    else this.#unscanned(path, parts)
    const { definitionsVersion, cleanFiles } = this.#options
    const isClean = result.verdict.outcome === 'clean' && result.definitionsVersion === definitionsVersion
    if (isClean && identity !== null) cleanFiles.remember(stateOfIdentity(identity), openedAt, result.surface)
  }

  async #found(path: string, result: ScanResult, identity: FileIdentity | null): Promise<void> {
    const { action, settings, scanId, onFinding } = this.#options
    this.#tally.filesInfected += 1
    this.#meter.detections += 1
    if (identity === null) throw new Error(`Something was found in ${path}, which was not opened.`)
    const planned = actionFor(result, action, settings.actions)
    for (const finding of await respond(this.#duties, { path, result, identity, scanId }, planned)) {
      onFinding(finding)
    }
  }

  #unscanned(path: string, parts: readonly UnscannedPart[]): void {
    const [first] = parts
    if (first === undefined) return
    this.#tally.addUnscanned(first.reason)
    this.#meter.unscanned += 1
    for (const part of parts) {
      // Ended on purpose: each file that was under way is no news of its own.
      if (part.reason === 'cancelled' || this.#unscannedTold >= MOST_UNSCANNED_TOLD) continue
      this.#unscannedTold += 1
      const data = unscannedData(this.#options.scanId, path, part)
      this.#duties.spool.enqueue({ type: 'file.unscanned', data })
      const { innerPath, reason, detail } = data
      this.#options.onFinding({ kind: 'unscanned', path: data.path, innerPath, reason, detail })
    }
  }
}
