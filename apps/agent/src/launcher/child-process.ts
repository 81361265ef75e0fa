/**
 * One process of the agent kept running: started, started again when it ends, stopped for good when told. Its output goes to a file.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, renameSync, statSync } from 'node:fs'

/** First rest before a restart, and the longest, in milliseconds: one crash costs little, a crash loop does not fill the disk. */
const FIRST_REST = 100
const LONGEST_REST = 10_000
/** A process that ran so long, in milliseconds, was well: its next restart is quick again. */
const SETTLED = 10_000
/** Time to stop before it is killed, in milliseconds. */
const STOP_GRACE = 5_000
/** A log longer than this is set aside at the next start, in bytes; one former log is kept. */
const LOG_BYTES = 10 * 1024 * 1024

export interface ChildOptions {
  readonly name: string
  readonly command: readonly string[]
  readonly logFile: string
  readonly environment: Readonly<Record<string, string>>
  /** Told in words of each start and end. */
  readonly onNote: (message: string) => void
}

export class KeptProcess {
  readonly name: string
  restarts = 0
  readonly #options: ChildOptions
  #child: ChildProcess | undefined
  #timer: NodeJS.Timeout | undefined
  #rest = FIRST_REST
  #stopping = false

  constructor(options: ChildOptions) {
    this.name = options.name
    this.#options = options
    this.#start()
  }

  /** The process's id, or null between two of them. */
  get pid(): number | null {
    return this.#child?.pid ?? null
  }

  /** Stops it for good; resolves when it is gone. It is killed if it takes longer than five seconds. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    const child = this.#child
    if (child === undefined) return
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGTERM')
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE)
    await gone
    clearTimeout(killer)
  }

  #start(): void {
    const { command, environment, logFile, name, onNote } = this.#options
    const [program = '', ...parameters] = command
    const startedAt = Date.now()
    const log = openLog(logFile)
    const child = spawn(program, parameters, {
      // The pipe is never written to: its end tells the process that the launcher is gone (end-with-launcher.ts).
      stdio: ['pipe', log, log],
      env: { ...process.env, ...environment },
    })
    closeSync(log)
    this.#child = child
    child.stdin?.on('error', () => {})
    child.once('error', (error) => this.#ended(startedAt, `it could not be started: ${error.message}`))
    child.once('exit', (code, signal) => {
      this.#ended(startedAt, signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`)
    })
    onNote(`${name} started as process ${child.pid}`)
  }

  #ended(startedAt: number, how: string): void {
    if (this.#child === undefined) return
    this.#child = undefined
    if (this.#stopping) {
      this.#options.onNote(`${this.name} stopped`)
      return
    }
    if (Date.now() - startedAt >= SETTLED) this.#rest = FIRST_REST
    this.#options.onNote(`${this.name}: ${how}; starting it again in ${this.#rest} ms`)
    this.#timer = setTimeout(() => {
      this.restarts += 1
      this.#start()
    }, this.#rest)
    this.#rest = Math.min(this.#rest * 2, LONGEST_REST)
  }
}

function openLog(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size > LOG_BYTES) renameSync(path, `${path}.1`)
  return openSync(path, 'a', 0o600)
}
