/**
 * The engine's one door besides the definitions: a scanner holds a set of definitions in shared memory and worker threads
 * that match files against it. It opens no path and closes no descriptor; that is its caller's part.
 */
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { EngineError } from './engine-error.ts'
import { closeImageLibrary, type ImageLibrary, openImageLibrary } from './images/image-library.ts'
import { type Limits, resolveLimits } from './limits.ts'
import { type DefinitionsInfo, type PreparedDefinitions, prepareDefinitions } from './prepare-definitions.ts'
import { closeRuleLibrary, openRuleLibrary, type RuleLibrary } from './rules/rule-library.ts'
import { closeDefinitions, type DefinitionsInput } from './shared-definitions.ts'
import type { ScanResult } from './verdict.ts'
import type { ScanInput, ScanWishes } from './worker-messages.ts'
import { WorkerPool } from './worker-pool.ts'

/** Time past its limit, or past its cancellation, that a worker gets to end a scan by itself. */
const GRACE_MILLISECONDS = 5_000

export interface ScannerOptions {
  readonly definitions: DefinitionsInput
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
  readonly #ruleLibrary: RuleLibrary
  readonly #imageLibrary: ImageLibrary
  #prepared: PreparedDefinitions
  #swapping: Promise<unknown> = Promise.resolve()
  #closed = false

  private constructor(
    pool: WorkerPool,
    prepared: PreparedDefinitions,
    limits: Limits,
    refuseHarmful: boolean,
    ruleLibrary: RuleLibrary,
    imageLibrary: ImageLibrary,
  ) {
    this.#pool = pool
    this.#prepared = prepared
    this.#limits = limits
    this.#refuseHarmful = refuseHarmful
    this.#ruleLibrary = ruleLibrary
    this.#imageLibrary = imageLibrary
  }

  /**
   * Checks the definitions, starts every worker and waits until all are loaded. Throws EngineError
   * `definitions-refused`, `limit-out-of-bounds` or `workers-not-started`.
   */
  static async start(options: ScannerOptions): Promise<Scanner> {
    const limits = resolveLimits(options.limits)
    const refuseHarmful = options.refuseHarmful ?? true
    const prepared = prepareDefinitions(options.definitions, refuseHarmful)
    const ruleLibrary = openRuleLibrary()
    const imageLibrary = openImageLibrary()
    const starting = WorkerPool.start({
      size: Math.max(1, options.workers ?? availableParallelism()),
      definitions: prepared.shared,
      definitionsVersion: prepared.info.version,
      ruleLibrary,
      imageLibrary,
      graceMilliseconds: options.graceMilliseconds ?? GRACE_MILLISECONDS,
      replaceWorkers: options.replaceWorkers ?? true,
      onWorkerLost: options.onWorkerLost ?? (() => {}),
      entry: new URL(`./worker${extname(import.meta.url)}`, import.meta.url),
    })
    const pool = await starting.catch((error: unknown) => {
      closeRuleLibrary(ruleLibrary)
      closeImageLibrary(imageLibrary)
      throw error
    })
    return new Scanner(pool, prepared, limits, refuseHarmful, ruleLibrary, imageLibrary)
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
    const { sha256 = false, alerts = [], contents = false } = options
    return this.#pool.scan({ input, limits, wishes: { sha256, alerts, contents } }, options.signal)
  }

  /**
   * Changes the definitions. They are checked and tested first: on EngineError `definitions-refused` the set in use stays.
   * Scans in flight end with the set they began with; every scan that starts after this settles uses the new one.
   */
  async swap(definitions: DefinitionsInput): Promise<DefinitionsInfo> {
    this.#assertOpen()
    const prepared = prepareDefinitions(definitions, this.#refuseHarmful)
    const swapped = this.#swapping.then(async () => {
      const former = this.#prepared
      this.#prepared = prepared
      await this.#pool.load(prepared.shared, prepared.info.version)
      closeDefinitions(former.shared)
    })
    this.#swapping = swapped
    await swapped
    return prepared.info
  }

  /** Cancels what is running or waiting and ends the workers. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#pool[Symbol.asyncDispose]()
    await this.#swapping.catch(() => {})
    closeDefinitions(this.#prepared.shared)
    closeRuleLibrary(this.#ruleLibrary)
    closeImageLibrary(this.#imageLibrary)
  }

  #assertOpen(): void {
    if (this.#closed) throw new EngineError('scanner-closed', 'The scanner is closed; start a new one.')
  }
}
