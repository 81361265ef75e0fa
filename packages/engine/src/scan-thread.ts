/**
 * One worker thread and the batch of files it may be busy with. Whatever becomes of the thread, each file gets a result or is given
 * back: the one file that a thread dies at, or has to be killed for, is `crashed`, `timed-out` or `cancelled`; the others of its batch
 * are another thread's.
 */
import { Worker } from 'node:worker_threads'
import { BatchBoard } from './batch-board.ts'
import { deferred } from './deferred.ts'
import type { Libraries } from './libraries.ts'
import type { SharedDefinitions } from './shared-definitions.ts'
import { unscannedResult } from './unscanned-result.ts'
import type { ScanResult, UnscannedReason } from './verdict.ts'
import type { FromWorker, ScanRequest, ToWorker, WorkerSetup } from './worker-messages.ts'

/** A thread's heap beyond this is a fault: contents and definitions lie outside the heap. */
const HEAP_MEGABYTES = 512
/** Its young generation, which holds what one file needs; more would only be more memory that is not given back. */
const YOUNG_MEGABYTES = 8

/** How long a killed thread may take to be gone (it may hang in a read from a dead network disk). */
const KILL_MILLISECONDS = 2_000

/** A thread is looked at so many times within its grace, and once a second at least. */
const LOOKS_IN_GRACE = 4

export interface ThreadOptions {
  readonly entry: URL
  /** Undefined while they are being changed: then nothing may be scanned before `load`. */
  readonly definitions: SharedDefinitions | undefined
  readonly definitionsVersion: string
  /** The thread's place in the memory of definitions, which no other living thread may have. */
  readonly slot: number
  readonly libraries: Libraries
  /** Time past a scan's own limit, or past its cancellation, after which the thread is killed. */
  readonly graceMilliseconds: number
}

/** A file and whoever waits for it. */
export interface ScanJob {
  readonly request: ScanRequest
  /** Called once. */
  readonly finish: (result: ScanResult) => void
}

interface Batch {
  /** By place; undefined once a file has its result or was taken back. */
  readonly jobs: (ScanJob | undefined)[]
  readonly definitionsVersion: string
  readonly resolve: (givenBack: ScanJob[]) => void
  /** The place that was under way when the thread was last looked at, and since when. */
  place: number
  since: number
  cancelledSince: number | undefined
  /** Set when the thread is being killed for the sake of the file it is at. */
  ending?: UnscannedReason
}

export class ScanThread {
  readonly #worker: Worker
  readonly #board = new BatchBoard()
  readonly #graceMilliseconds: number
  readonly #onReady: (() => void)[] = []
  #definitionsVersion: string
  #batch: Batch | undefined
  #watch: NodeJS.Timeout | undefined
  #gone = false
  readonly #lost = deferred<string>()
  readonly #exited = deferred<void>()

  constructor(options: ThreadOptions) {
    const { definitions, slot, libraries } = options
    const setup: WorkerSetup = { definitions, slot, board: this.#board.memory, libraries }
    this.#definitionsVersion = options.definitionsVersion
    this.#graceMilliseconds = options.graceMilliseconds
    this.#worker = new Worker(options.entry, {
      workerData: setup,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES, maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    })
    this.#worker.on('message', (message: FromWorker) => this.#receive(message))
    let cause = 'the worker thread ended'
    this.#worker.on('error', (error) => {
      cause = `the worker thread failed: ${error instanceof Error ? error.message : String(error)}`
    })
    this.#worker.on('exit', () => {
      this.#end(cause)
      this.#exited.resolve()
    })
  }

  /** Settles once, with the cause in words, when the thread has ended or is past hope. */
  get lost(): Promise<string> {
    return this.#lost.promise
  }

  /** Settles when the thread has ended and writes nowhere any more; never for one that hangs past killing. */
  get exited(): Promise<void> {
    return this.#exited.promise
  }

  /** Whether `lost` has settled: no scan may be given to this thread any more. */
  get isLost(): boolean {
    return this.#gone
  }

  /** Settles when the thread uses the definitions it was last given; also when it is gone. */
  ready(): Promise<void> {
    if (this.#gone) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onReady.push(resolve)
    })
  }

  /** Hands over new definitions; settles when the batch in hand, which keeps its own, is done and every later one uses these. */
  load(definitions: SharedDefinitions, version: string): Promise<void> {
    this.#definitionsVersion = version
    this.#send({ kind: 'definitions', definitions })
    return this.ready()
  }

  /** Has the thread let its definitions go; settles when it has. Nothing may be scanned until `load`. */
  unload(): Promise<void> {
    this.#send({ kind: 'definitions', definitions: undefined })
    return this.ready()
  }

  /**
   * Scans up to BATCH_FILES files; one batch at a time. Settles when the thread is free again, or gone: then with the jobs that
   * it did not come to, which have no result. Never rejects.
   */
  run(jobs: readonly ScanJob[]): Promise<ScanJob[]> {
    if (this.#batch !== undefined) throw new Error('a scan thread was given a second batch')
    return new Promise((resolve) => {
      this.#board.clear()
      this.#batch = {
        jobs: [...jobs],
        definitionsVersion: this.#definitionsVersion,
        resolve,
        place: 0,
        since: performance.now(),
        cancelledSince: undefined,
      }
      const pause = Math.min(1000, Math.max(5, this.#graceMilliseconds / LOOKS_IN_GRACE))
      this.#watch = setInterval(() => this.#look(), pause)
      this.#send({ kind: 'scan', requests: jobs.map(({ request }) => request) })
      if (this.#gone) this.#end('the worker thread had ended')
    })
  }

  /** Takes back files that the thread has not begun, all of them or the later half: they have no result. */
  withdraw(which: 'all' | 'half'): ScanJob[] {
    const jobs = this.#batch?.jobs ?? []
    const isWaiting = (place: number) => jobs[place] !== undefined && this.#board.isWaiting(place)
    const waiting = [...jobs.keys()].filter(isWaiting)
    const from = which === 'all' ? 0 : Math.floor(waiting.length / 2)
    return waiting.slice(from).flatMap((place) => this.#takeBack(place))
  }

  /**
   * Gives up a file: true when it was not begun and has been taken back. Else its scan is asked to end as `cancelled`, and the thread is
   * killed if it does not within the grace.
   */
  cancel(job: ScanJob): boolean {
    const batch = this.#batch
    const place = batch?.jobs.indexOf(job) ?? -1
    if (batch === undefined || place === -1) return false
    if (this.#takeBack(place).length > 0) return true
    this.#board.cancel(place)
    return false
  }

  /** Ends the thread, and with it the scan that is running. */
  async terminate(): Promise<void> {
    await this.#kill('cancelled')
  }

  #takeBack(place: number): ScanJob[] {
    const job = this.#batch?.jobs[place]
    if (job === undefined || !this.#board.withdraw(place)) return []
    if (this.#batch !== undefined) this.#batch.jobs[place] = undefined
    return [job]
  }

  /** Kills the thread when the file it is at has overstayed. */
  #look(): void {
    const batch = this.#batch
    if (batch === undefined) return
    const now = performance.now()
    const place = batch.jobs.findIndex((job, at) => job !== undefined && this.#board.isUnderWay(at))
    if (place !== batch.place) {
      batch.place = place
      batch.since = now
      batch.cancelledSince = undefined
    }
    const job = batch.jobs[place]
    if (job === undefined) return
    if (this.#board.isCancelled(place)) batch.cancelledSince ??= now
    const { timeLimitMilliseconds } = job.request.limits
    if (now - (batch.cancelledSince ?? now) >= this.#graceMilliseconds) void this.#kill('cancelled')
    else if (now - batch.since >= timeLimitMilliseconds + this.#graceMilliseconds)
      void this.#kill('timed-out')
  }

  async #kill(reason: UnscannedReason): Promise<void> {
    clearInterval(this.#watch)
    if (this.#batch !== undefined) this.#batch.ending ??= reason
    const gone = this.#worker.terminate()
    const { promise: waited, resolve } = deferred<void>()
    const timer = setTimeout(resolve, KILL_MILLISECONDS)
    await Promise.race([gone, waited])
    clearTimeout(timer)
    // The descriptor may now be closed by its owner: the thread is gone, or stuck where only a new process helps.
    this.#end('the worker thread did not end')
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message)
  }

  #receive(message: FromWorker): void {
    if (message.kind === 'ready') {
      this.#onReady.shift()?.()
      return
    }
    for (const [place, result] of message.results) this.#finish(place, result)
    if (message.last) this.#free([])
  }

  #end(cause: string): void {
    this.#gone = true
    for (const resolve of this.#onReady.splice(0)) resolve()
    const batch = this.#batch
    if (batch !== undefined) {
      for (const [place, job] of batch.jobs.entries()) {
        if (job === undefined || !this.#board.isUnderWay(place)) continue
        const { input } = job.request
        const waited = performance.now() - batch.since
        const reason = batch.ending ?? 'crashed'
        this.#finish(place, unscannedResult(input, reason, cause, waited, batch.definitionsVersion))
      }
      this.#free(batch.jobs.filter((job) => job !== undefined))
    }
    this.#lost.resolve(cause)
  }

  #finish(place: number, result: ScanResult): void {
    const batch = this.#batch
    const job = batch?.jobs[place]
    if (batch === undefined || job === undefined) return
    batch.jobs[place] = undefined
    job.finish(result)
  }

  #free(givenBack: ScanJob[]): void {
    clearInterval(this.#watch)
    const batch = this.#batch
    this.#batch = undefined
    batch?.resolve(givenBack)
  }
}
