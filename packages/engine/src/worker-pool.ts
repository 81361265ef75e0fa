/**
 * The scan threads and the queue before them. Threads are started together and loaded before `start` settles, because
 * the process gives up its privileges afterwards; a lost thread is reported and, where that is still possible, replaced.
 */
import { EngineError } from './engine-error.ts'
import { ScanThread } from './scan-thread.ts'
import type { SharedDefinitions } from './shared-definitions.ts'
import { unscannedResult } from './unscanned-result.ts'
import type { ScanResult } from './verdict.ts'
import type { ScanRequest } from './worker-messages.ts'

export interface PoolOptions {
  readonly size: number
  readonly definitions: SharedDefinitions
  readonly definitionsVersion: string
  readonly graceMilliseconds: number
  readonly replaceWorkers: boolean
  /** Told once for each thread that ended by itself or was killed, with the cause in words. */
  readonly onWorkerLost: (cause: string) => void
  /** The module a thread runs. */
  readonly entry: URL
}

interface Waiting {
  readonly request: ScanRequest
  readonly queued: number
  readonly finish: (result: ScanResult) => void
  /** The thread at work on it; none while it waits in the queue. */
  thread: ScanThread | undefined
}

export class WorkerPool {
  readonly #options: PoolOptions
  readonly #threads = new Set<ScanThread>()
  readonly #idle: ScanThread[] = []
  readonly #queue: Waiting[] = []
  #definitions: SharedDefinitions
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

  /** Scans as soon as a thread is free. Never rejects; an aborted `signal` gives `cancelled`. */
  scan(request: ScanRequest, signal?: AbortSignal): Promise<ScanResult> {
    return new Promise((resolve) => {
      const abort = () => {
        if (waiting.thread === undefined) this.#giveUp(waiting)
        else waiting.thread.cancel()
      }
      const finish = (result: ScanResult) => {
        signal?.removeEventListener('abort', abort)
        resolve(result)
      }
      const waiting: Waiting = { request, queued: performance.now(), finish, thread: undefined }
      this.#queue.push(waiting)
      signal?.addEventListener('abort', abort)
      if (signal?.aborted) abort()
      this.#dispatch()
    })
  }

  /** Gives new definitions to every thread and settles when each uses them; scans in flight keep the old ones. */
  async load(definitions: SharedDefinitions, version: string): Promise<void> {
    this.#definitions = definitions
    this.#definitionsVersion = version
    await Promise.all([...this.#threads].map((thread) => thread.load(definitions, version)))
  }

  /** Cancels everything and ends the threads. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    for (const waiting of this.#queue.splice(0)) this.#refuse(waiting, 'cancelled', 'the scanner was closed')
    await Promise.all([...this.#threads].map((thread) => thread.terminate()))
  }

  /** Settles when the thread is ready, or with the cause when it never became so. */
  async #startThread(): Promise<string | undefined> {
    const thread = new ScanThread({
      entry: this.#options.entry,
      definitions: this.#definitions,
      definitionsVersion: this.#definitionsVersion,
      graceMilliseconds: this.#options.graceMilliseconds,
    })
    this.#threads.add(thread)
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
        this.#refuseAllWithoutThreads()
      })
    }
    this.#refuseAllWithoutThreads()
  }

  #refuseAllWithoutThreads(): void {
    if (this.#threads.size > 0) return
    for (const waiting of this.#queue.splice(0)) this.#refuse(waiting, 'crashed', 'no scan worker is left')
  }

  #dispatch(): void {
    this.#refuseAllWithoutThreads()
    while (this.#idle.length > 0 && this.#queue.length > 0) {
      const thread = this.#idle.pop() as ScanThread
      void this.#runOn(thread, this.#queue.shift() as Waiting)
    }
  }

  async #runOn(thread: ScanThread, waiting: Waiting): Promise<void> {
    waiting.thread = thread
    waiting.finish(await thread.run(waiting.request))
    if (!thread.isLost) this.#idle.push(thread)
    this.#dispatch()
  }

  #giveUp(waiting: Waiting): void {
    const place = this.#queue.indexOf(waiting)
    if (place === -1) return
    this.#queue.splice(place, 1)
    this.#refuse(waiting, 'cancelled', 'it was cancelled before its turn')
  }

  #refuse(waiting: Waiting, reason: 'cancelled' | 'crashed', detail: string): void {
    const waited = performance.now() - waiting.queued
    waiting.finish(unscannedResult(waiting.request.input, reason, detail, waited, this.#definitionsVersion))
  }
}
