/**
 * The engine's one door besides the definitions: a scanner holds a set of definitions in shared memory and worker threads
 * that match files against it. It opens no path and closes no descriptor; that is its caller's part.
 */
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { EngineError } from './engine-error.ts'
import { closeLibraries, type Libraries, openLibraries } from './libraries.ts'
import { type Limits, resolveLimits } from './limits.ts'
import {
  type DefinitionsInfo,
  type PreparedDefinitions,
  prepareWithAdditions,
} from './prepare-definitions.ts'
import {
  closeDefinitions,
  type DefinitionsInput,
  nowhere,
  type SharedDefinitions,
} from './shared-definitions.ts'
import type { ScanResult } from './verdict.ts'
import type { ScanInput, ScanRequest, ScanWishes } from './worker-messages.ts'
import { WorkerPool } from './worker-pool.ts'

/** Time past its limit, or past its cancellation, that a worker gets to end a scan by itself. */
const GRACE_MILLISECONDS = 5_000

/** How long a change of definitions waits for the files under way, in milliseconds; with longer ones, both sets are in memory. */
const DRAIN_MILLISECONDS = 100

export interface ScannerOptions {
  readonly definitions: DefinitionsInput
  /** A small set to scan against alone, on request: what is new in the definitions, for files that were clean before. */
  readonly additions?: DefinitionsInput
  /** Whether a set that flags harmless content is refused. False for signatures that somebody tries out. Default true. */
  readonly refuseHarmful?: boolean
  /** Worker threads; as many as the machine has cores for when absent. */
  readonly workers?: number
  /** Limits for scans that name none of their own. */
  readonly limits?: Partial<Limits>
  /** Whether a lost worker is replaced; false where the process has given up the right to load code. Default true. */
  readonly replaceWorkers?: boolean
  /** Told when a worker died or had to be killed, with the cause in words. Its scan has a result of its own. */
  readonly onWorkerLost?: (cause: string) => void
  /** Milliseconds a worker may overstay a scan's time limit before it is killed. Default 5000. */
  readonly graceMilliseconds?: number
}

export interface ScanOptions extends ScanWishes {
  /** Overrides of the scanner's limits for this scan. */
  readonly limits?: Partial<Limits>
  /**
   * Which signatures are looked for: the additions alone, where there are any. The result's `definitionsVersion` tells which they were. Default all.
   */
  readonly against?: ScanRequest['against']
  /** Ends the scan early; its result is then unscanned, `cancelled`. */
  readonly signal?: AbortSignal
}

/**
 * Example:
 *
 *     await using scanner = await Scanner.start({ definitions })
 *     const { verdict } = await scanner.scan({ fd })
 */
export class Scanner {
  readonly #pool: WorkerPool
  readonly #limits: Limits
  readonly #refuseHarmful: boolean
  readonly #libraries: Libraries
  readonly #onWorkerLost: (cause: string) => void
  #prepared: PreparedDefinitions
  #swapping: Promise<unknown> = Promise.resolve()
  #closed = false
  /** No set can be used any more. */
  #isLost = false

  private constructor(
    pool: WorkerPool,
    prepared: PreparedDefinitions,
    limits: Limits,
    refuseHarmful: boolean,
    libraries: Libraries,
    onWorkerLost: (cause: string) => void,
  ) {
    this.#pool = pool
    this.#prepared = prepared
    this.#limits = limits
    this.#refuseHarmful = refuseHarmful
    this.#libraries = libraries
    this.#onWorkerLost = onWorkerLost
  }

  /**
   * Checks the definitions, starts every worker and waits until all are loaded. Throws EngineError
   * `definitions-refused`, `limit-out-of-bounds` or `workers-not-started`.
   */
  static async start(options: ScannerOptions): Promise<Scanner> {
    const limits = resolveLimits(options.limits)
    const refuseHarmful = options.refuseHarmful ?? true
    const prepared = prepareWithAdditions(options.definitions, options.additions, refuseHarmful)
    const libraries = openLibraries()
    const { onWorkerLost = () => {} } = options
    const starting = WorkerPool.start({
      size: Math.max(1, options.workers ?? availableParallelism()),
      definitions: prepared.shared,
      definitionsVersion: prepared.info.version,
      libraries,
      graceMilliseconds: options.graceMilliseconds ?? GRACE_MILLISECONDS,
      replaceWorkers: options.replaceWorkers ?? true,
      onWorkerLost,
      entry: new URL(`./worker${extname(import.meta.url)}`, import.meta.url),
    })
    const pool = await starting.catch((error: unknown) => {
      closeLibraries(libraries)
      throw error
    })
    return new Scanner(pool, prepared, limits, refuseHarmful, libraries, onWorkerLost)
  }

  /** The definitions that scans started now are given. */
  get definitions(): DefinitionsInfo {
    return this.#prepared.info
  }

  /**
   * Scans an open descriptor of a regular file, or bytes. The descriptor must stay open until the promise settles and is
   * not closed here; its file position is neither used nor moved. Waits in line for a worker; the time limit counts from
   * the start of the work. Many files asked for in one turn are handed over together, which costs each of them less. Whatever is wrong
   * with the file is in the verdict; rejects only with EngineError `scanner-closed`, `limit-out-of-bounds` or `workers-lost`.
   */
  async scan(input: ScanInput, options: ScanOptions = {}): Promise<ScanResult> {
    this.#assertOpen()
    const limits = options.limits === undefined ? this.#limits : resolveLimits(options.limits, this.#limits)
    const { sha256 = false, alerts = [], contents = false, normalise = true, against = 'all' } = options
    const { passwords } = options
    const wishes = { sha256, alerts, contents, normalise, ...(passwords && { passwords }) }
    return this.#pool.scan({ input, limits, against, wishes }, options.signal)
  }

  /**
   * Changes the definitions, and the additions. They are checked and tested first: on EngineError `definitions-refused` the set in use stays.
   * Scans in flight end with the set they began with; every scan that starts after this settles uses the new one. Where both sets are files and
   * no scan takes long, the former leaves memory before the other comes, scans wait meanwhile, and there is room needed for one only.
   */
  async swap(definitions: DefinitionsInput, additions?: DefinitionsInput): Promise<DefinitionsInfo> {
    this.#assertOpen()
    const swapped = this.#swapping.then(async () => {
      const { fd, additions: formerAdditions } = this.#prepared.shared
      const isUnloaded =
        fd !== undefined && 'fd' in definitions && (await this.#pool.unload(DRAIN_MILLISECONDS))
      await (isUnloaded
        ? this.#replace({ fd, additions: formerAdditions }, definitions, additions)
        : this.#exchange(definitions, additions))
      return this.#prepared.info
    })
    this.#swapping = swapped.catch(() => {})
    return swapped
  }

  /** Both are in memory until the workers have the new one. */
  async #exchange(definitions: DefinitionsInput, additions: DefinitionsInput | undefined): Promise<void> {
    const prepared = prepareWithAdditions(definitions, additions, this.#refuseHarmful)
    const former = this.#prepared.shared
    await this.#use(prepared)
    closeDefinitions(former)
  }

  /** The workers have let the former go, which is read again from its descriptor should the new one be refused. */
  async #replace(
    {
      fd,
      additions: formerAdditions,
    }: { readonly fd: number; readonly additions: SharedDefinitions | undefined },
    definitions: DefinitionsInput,
    additions: DefinitionsInput | undefined,
  ): Promise<void> {
    // Additions are small: those of the former stay.
    const beside = formerAdditions === undefined ? {} : { additions: formerAdditions }
    this.#prepared = { ...this.#prepared, shared: { ...nowhere(fd), ...beside } }
    globalThis.gc?.()
    let refused: unknown
    try {
      await this.#use(prepareWithAdditions(definitions, additions, this.#refuseHarmful))
      closeDefinitions({ fd, ...beside })
      return
    } catch (error) {
      refused = error
    }
    try {
      const prepared = prepareWithAdditions({ fd }, undefined, false)
      await this.#use({ ...prepared, shared: { ...prepared.shared, ...beside } })
    } catch (error) {
      // Its file was changed while it was in use. Nothing can be scanned any more: better no scanner than one without a set.
      this.#prepared = { ...this.#prepared, shared: { ...nowhere(fd), fd: undefined, ...beside } }
      this.#isLost = true
      await this.#pool[Symbol.asyncDispose]()
      this.#onWorkerLost(
        `the definitions in use cannot be read again: ${error instanceof Error ? error.message : error}`,
      )
    }
    throw refused
  }

  async #use(prepared: PreparedDefinitions): Promise<void> {
    this.#prepared = prepared
    await this.#pool.load(prepared.shared, prepared.info.version)
  }

  /** Cancels what is running or waiting and ends the workers. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#pool[Symbol.asyncDispose]()
    await this.#swapping
    closeDefinitions(this.#prepared.shared)
    closeLibraries(this.#libraries)
  }

  #assertOpen(): void {
    if (this.#closed || this.#isLost)
      throw new EngineError('scanner-closed', 'The scanner is closed; start a new one.')
  }
}
