/**
 * The scan threads and the queue before them. A thread gets several files at a time, and what it has not begun goes to one that has
 * nothing to do. Threads are started together and loaded before `start` settles, because
 * the process gives up its privileges afterwards; a lost thread is reported and, where that is still possible, replaced.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { BATCH_FILES } from './batch-board.ts'
import { EngineError } from './engine-error.ts'
import type { Libraries } from './libraries.ts'
import { type ScanJob, ScanThread } from './scan-thread.ts'
import type { SharedDefinitions } from './shared-definitions.ts'
import { unscannedResult } from './unscanned-result.ts'
import type { ScanResult } from './verdict.ts'
import type { ScanRequest } from './worker-messages.ts'

export interface PoolOptions {
  readonly size: number
  readonly definitions: SharedDefinitions
  readonly definitionsVersion: string
  readonly libraries: Libraries
  readonly graceMilliseconds: number
  readonly replaceWorkers: boolean
  /** Told once for each thread that ended by itself or was killed, with the cause in words. */
  readonly onWorkerLost: (cause: string) => void
  /** The module a thread runs. */
  readonly entry: URL
}

interface Waiting extends ScanJob {
  readonly queued: number
  /** Called instead of `finish` when nobody is left to scan it. */
  readonly giveUp: () => void
  /** The thread at work on it; none while it waits in the queue. */
  thread: ScanThread | undefined
}

const beforeItsTurn = 'it was cancelled before its turn'
const scannerClosed = 'the scanner was closed'

export class WorkerPool {
  readonly #options: PoolOptions
  readonly #threads = new Set<ScanThread>()
  readonly #idle: ScanThread[] = []
  readonly #slots = new Set<number>()
  readonly #queue: Waiting[] = []
  #isDispatchDue = false
  /** Undefined while they are being changed and none are in memory. */
  #definitions: SharedDefinitions | undefined
  /** Whether scans wait in the queue. */
  #isHeld = false
  #definitionsVersion: string
  #closed = false

  private constructor(options: PoolOptions) {
    this.#options = options
    this.#definitions = options.definitions
    this.#definitionsVersion = options.definitionsVersion
  }

  /** Starts all threads. Throws EngineError `workers-not-started` when one of them does not come up. */
  static async start(options: PoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options)
    const started = await Promise.all(Array.from({ length: options.size }, () => pool.#startThread()))
    const failed = started.find((failure) => failure !== undefined)
    if (failed !== undefined) {
      await pool[Symbol.asyncDispose]()
      throw new EngineError('workers-not-started', `A scan worker did not start: ${failed}.`)
    }
    return pool
  }

  /** Scans as soon as a thread is free; an aborted `signal` gives `cancelled`. Rejects with EngineError `workers-lost` only. */
  scan(request: ScanRequest, signal?: AbortSignal): Promise<ScanResult> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        if (waiting.thread === undefined) this.#giveUp(waiting)
        else if (waiting.thread.cancel(waiting)) this.#cancelled(waiting, beforeItsTurn)
      }
      const finish = (result: ScanResult) => {
        signal?.removeEventListener('abort', abort)
        resolve(result)
      }
      const giveUp = () => {
        signal?.removeEventListener('abort', abort)
        reject(new EngineError('workers-lost', 'No scan worker is left; start another scanner.'))
      }
      const waiting: Waiting = { request, queued: performance.now(), finish, giveUp, thread: undefined }
      this.#queue.push(waiting)
      signal?.addEventListener('abort', abort)
      if (signal?.aborted) abort()
      this.#dispatchSoon()
    })
  }

  /**
   * Has every thread let its definitions go, if all come to rest in so many milliseconds: true, and then scans wait until `load`. Else
   * everything is as before.
   */
  async unload(milliseconds: number): Promise<boolean> {
    this.#isHeld = true
    for (const thread of this.#threads) this.#takeBack(thread.withdraw('all') as Waiting[])
    const end = performance.now() + milliseconds
    while (this.#idle.length < this.#threads.size && performance.now() < end) await sleep(1)
    if (this.#idle.length < this.#threads.size || this.#closed) {
      this.#isHeld = false
      this.#dispatch()
      return false
    }
    this.#definitions = undefined
    await Promise.all([...this.#threads].map((thread) => thread.unload()))
    return true
  }

  /** Gives new definitions to every thread and settles when each uses them; scans in flight keep the old ones. */
  async load(definitions: SharedDefinitions, version: string): Promise<void> {
    this.#definitions = definitions
    this.#definitionsVersion = version
    this.#isHeld = false
    for (const thread of this.#threads) this.#takeBack(thread.withdraw('all') as Waiting[])
    this.#dispatchSoon()
    await Promise.all([...this.#threads].map((thread) => thread.load(definitions, version)))
  }

  /** Cancels everything and ends the threads. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    for (const waiting of this.#queue.splice(0)) this.#cancelled(waiting, scannerClosed)
    await Promise.all([...this.#threads].map((thread) => thread.terminate()))
  }

  /** Settles when the thread is ready, or with the cause when it never became so. */
  async #startThread(): Promise<string | undefined> {
    const slot = this.#takeSlot()
    const thread = new ScanThread({
      entry: this.#options.entry,
      definitions: this.#definitions,
      definitionsVersion: this.#definitionsVersion,
      slot,
      libraries: this.#options.libraries,
      graceMilliseconds: this.#options.graceMilliseconds,
    })
    this.#threads.add(thread)
    void thread.exited.then(() => this.#slots.delete(slot))
    await thread.ready()
    if (thread.isLost) {
      this.#threads.delete(thread)
      return thread.lost
    }
    void thread.lost.then((cause) => this.#lose(thread, cause))
    this.#idle.push(thread)
    this.#dispatch()
    return undefined
  }

  /** The lowest that no thread has; one that hangs past killing keeps its own. */
  #takeSlot(): number {
    let slot = 0
    while (this.#slots.has(slot)) slot += 1
    this.#slots.add(slot)
    return slot
  }

  #lose(thread: ScanThread, cause: string): void {
    this.#threads.delete(thread)
    const place = this.#idle.indexOf(thread)
    if (place !== -1) this.#idle.splice(place, 1)
    if (this.#closed) return
    this.#options.onWorkerLost(cause)
    if (this.#options.replaceWorkers) {
      void this.#startThread().then((failure) => {
        // A thread that cannot even start is not tried again: that would be a loop.
        if (failure !== undefined && !this.#closed) this.#options.onWorkerLost(failure)
        this.#giveUpWithoutThreads()
      })
    }
    this.#giveUpWithoutThreads()
  }

  #giveUpWithoutThreads(): void {
    if (this.#threads.size > 0) return
    for (const waiting of this.#queue.splice(0)) waiting.giveUp()
  }

  /** Whoever asks for many files asks in one turn: they make up a batch. */
  #dispatchSoon(): void {
    if (this.#isDispatchDue) return
    this.#isDispatchDue = true
    queueMicrotask(() => {
      this.#isDispatchDue = false
      this.#dispatch()
    })
  }

  #dispatch(): void {
    this.#giveUpWithoutThreads()
    if (this.#isHeld) return
    while (this.#idle.length > 0) {
      const jobs = this.#nextBatch()
      if (jobs.length === 0) return
      void this.#runOn(this.#idle.pop() as ScanThread, jobs)
    }
  }

  /** A share of the queue; when that is empty, what another thread has not begun. */
  #nextBatch(): Waiting[] {
    const share = Math.min(BATCH_FILES, Math.ceil(this.#queue.length / Math.max(1, this.#threads.size)))
    if (share > 0) return this.#queue.splice(0, share)
    for (const thread of this.#threads) {
      const jobs = thread.withdraw('half') as Waiting[]
      if (jobs.length > 0) return jobs
    }
    return []
  }

  async #runOn(thread: ScanThread, jobs: readonly Waiting[]): Promise<void> {
    for (const job of jobs) job.thread = thread
    this.#takeBack((await thread.run(jobs)) as Waiting[])
    if (!thread.isLost) this.#idle.push(thread)
    this.#dispatch()
  }

  #takeBack(jobs: readonly Waiting[]): void {
    for (const job of jobs) {
      job.thread = undefined
      if (this.#closed) this.#cancelled(job, scannerClosed)
    }
    if (!this.#closed) this.#queue.unshift(...jobs)
  }

  #giveUp(waiting: Waiting): void {
    const place = this.#queue.indexOf(waiting)
    if (place === -1) return
    this.#queue.splice(place, 1)
    this.#cancelled(waiting, beforeItsTurn)
  }

  #cancelled({ request, queued, finish }: Waiting, detail: string): void {
    const waited = performance.now() - queued
    finish(unscannedResult(request.input, 'cancelled', detail, waited, this.#definitionsVersion))
  }
}
