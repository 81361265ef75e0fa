/**
 * One worker thread and the one scan it may be busy with. Whatever becomes of the thread, `run` gives a result: a thread
 * that dies or has to be killed turns its scan into `crashed` or `timed-out`, never into an exception or into silence.
 */
import { Worker } from 'node:worker_threads'
import type { SharedDefinitions } from './shared-definitions.ts'
import { unscannedResult } from './unscanned-result.ts'
import type { ScanResult, UnscannedReason } from './verdict.ts'
import type { FromWorker, ScanRequest, ToWorker, WorkerSetup } from './worker-messages.ts'

/** A thread's heap beyond this is a fault: contents and definitions lie outside the heap. */
const HEAP_MEGABYTES = 512

/** How long a killed thread may take to be gone (it may hang in a read from a dead network disk). */
const KILL_MILLISECONDS = 2_000

export interface ThreadOptions {
  readonly entry: URL
  readonly definitions: SharedDefinitions
  readonly definitionsVersion: string
  /** Time past a scan's own limit, or past its cancellation, after which the thread is killed. */
  readonly graceMilliseconds: number
}

interface Job {
  readonly request: ScanRequest
  readonly started: number
  readonly definitionsVersion: string
  readonly finish: (result: ScanResult) => void
  killTimer: NodeJS.Timeout | undefined
  /** Set when the thread is being killed for this job's sake. */
  ending?: UnscannedReason
}

export class ScanThread {
  readonly #worker: Worker
  readonly #cancelled = new Int32Array(new SharedArrayBuffer(4))
  readonly #graceMilliseconds: number
  readonly #onReady: (() => void)[] = []
  #definitionsVersion: string
  #job: Job | undefined
  #gone = false
  readonly #lost = Promise.withResolvers<string>()

  constructor(options: ThreadOptions) {
    const setup: WorkerSetup = { definitions: options.definitions, cancelled: this.#cancelled }
    this.#definitionsVersion = options.definitionsVersion
    this.#graceMilliseconds = options.graceMilliseconds
    this.#worker = new Worker(options.entry, {
      workerData: setup,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
    })
    this.#worker.on('message', (message: FromWorker) => this.#receive(message))
    let cause = 'the worker thread ended'
    this.#worker.on('error', (error) => {
      cause = `the worker thread failed: ${error instanceof Error ? error.message : String(error)}`
    })
    this.#worker.on('exit', () => this.#end(cause))
  }

  /** Settles once, with the cause in words, when the thread has ended or is past hope. */
  get lost(): Promise<string> {
    return this.#lost.promise
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

  /** Hands over new definitions: the scan in flight keeps its own, every later one uses these. */
  load(definitions: SharedDefinitions, version: string): Promise<void> {
    this.#definitionsVersion = version
    this.#send({ kind: 'definitions', definitions })
    return this.ready()
  }

  /** Scans; one at a time. Never rejects. */
  run(request: ScanRequest): Promise<ScanResult> {
    if (this.#job !== undefined) throw new Error('a scan thread was given a second scan')
    return new Promise((resolve) => {
      const job: Job = {
        request,
        started: performance.now(),
        definitionsVersion: this.#definitionsVersion,
        finish: resolve,
        killTimer: undefined,
      }
      this.#job = job
      Atomics.store(this.#cancelled, 0, 0)
      this.#killAfter(job, request.limits.timeLimitMilliseconds + this.#graceMilliseconds, 'timed-out')
      this.#send({ kind: 'scan', request })
      if (this.#gone) this.#end('the worker thread had ended')
    })
  }

  /** Asks the running scan to end as `cancelled`, and kills the thread if it does not within the grace. */
  cancel(): void {
    const job = this.#job
    if (job === undefined) return
    Atomics.store(this.#cancelled, 0, 1)
    this.#killAfter(job, this.#graceMilliseconds, 'cancelled')
  }

  /** Ends the thread, and with it the scan that is running. */
  async terminate(): Promise<void> {
    this.cancel()
    await this.#kill('cancelled')
  }

  #killAfter(job: Job, milliseconds: number, reason: UnscannedReason): void {
    clearTimeout(job.killTimer)
    job.killTimer = setTimeout(() => void this.#kill(reason), milliseconds)
  }

  async #kill(reason: UnscannedReason): Promise<void> {
    if (this.#job !== undefined) this.#job.ending ??= reason
    const gone = this.#worker.terminate()
    const { promise: waited, resolve } = Promise.withResolvers<void>()
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
    if (message.kind === 'ready') this.#onReady.shift()?.()
    else this.#finish(message.result)
  }

  #end(cause: string): void {
    this.#gone = true
    for (const resolve of this.#onReady.splice(0)) resolve()
    const job = this.#job
    if (job !== undefined) {
      const waited = performance.now() - job.started
      this.#finish(
        unscannedResult(job.request.input, job.ending ?? 'crashed', cause, waited, job.definitionsVersion),
      )
    }
    this.#lost.resolve(cause)
  }

  #finish(result: ScanResult): void {
    const job = this.#job
    if (job === undefined) return
    clearTimeout(job.killTimer)
    this.#job = undefined
    job.finish(result)
  }
}
