/**
 * A thread that judges rules, and may be ended at any time: no rule can be stopped from within. Started from memory alone.
 */
import { Worker } from 'node:worker_threads'
import { deferred } from '../deferred.ts'
import type { RuleLibrary } from './rule-library.ts'
import { type RuleAnswer, type RuleQuestion, serveRules } from './rule-program.ts'

/** Matches of one string that are kept of a content: more are of no interest to rules, and each takes memory. */
const MATCHES_MAX = 100_000

/** The lists of matches that the library hands out. */
const HEAP_MEGABYTES = 256

/** What may be waited for so long at a time before `check` is asked. */
const CHECK_MILLISECONDS = 50

/** A thread takes a tenth of a second to start; so long on a machine that is drowning. */
const START_MILLISECONDS = 30_000

export class RuleThread implements AsyncDisposable {
  readonly #worker: Worker
  #gone: string | undefined
  /** When it began to serve. */
  #since: number | undefined
  #settle: ((answer: RuleAnswer | string) => void) | undefined

  constructor({ script, fd }: RuleLibrary) {
    const library = `data:text/javascript;base64,${Buffer.from(script).toString('base64')}`
    const source = `import { fstatSync, readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import * as library from '${library}'
const program = new Uint8Array(fstatSync(${fd}).size)
for (let at = 0; at < program.length; ) {
  const length = readSync(${fd}, program, at, program.length - at, at)
  if (length === 0) throw new Error('the program of the rule library ends early')
  at += length
}
;(${serveRules})(library, parentPort, program, ${MATCHES_MAX})`
    const entry = new URL(`data:text/javascript;base64,${Buffer.from(source).toString('base64')}`)
    this.#worker = new Worker(entry, { resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES } })
    // A thread without a question keeps no process alive.
    this.#worker.unref()
    this.#worker.on('message', (answer: RuleAnswer | 'ready') => {
      if (answer === 'ready') this.#since = performance.now()
      else this.#settle?.(answer)
    })
    this.#worker.on('error', (error) => this.#end(error instanceof Error ? error.message : String(error)))
    this.#worker.on('exit', () => this.#end('the thread ended'))
  }

  /**
   * Asks; one question at a time. Answers with the reason in words when the thread is gone, and with undefined when the time, which counts from
   * when it has started, is over. What
   * `check` throws, every few milliseconds, passes through. Except when it answers, the thread is of no more use.
   */
  async ask(
    question: RuleQuestion,
    milliseconds: number,
    check: () => void,
  ): Promise<RuleAnswer | string | undefined> {
    if (this.#gone !== undefined) return this.#gone
    const { promise, resolve } = deferred<RuleAnswer | string | undefined>()
    this.#settle = resolve
    const asked = performance.now()
    const isOver = (now: number) =>
      this.#since === undefined
        ? now - asked >= START_MILLISECONDS
        : now - Math.max(asked, this.#since) >= milliseconds
    const failed = deferred<{ readonly error: unknown }>()
    const timer = setInterval(() => {
      try {
        check()
      } catch (error) {
        failed.resolve({ error })
      }
      if (isOver(performance.now())) resolve(undefined)
    }, CHECK_MILLISECONDS)
    try {
      this.#worker.ref()
      this.#worker.postMessage(question, [question.content.buffer])
      const answer = await Promise.race([promise, failed.promise])
      if (typeof answer === 'object' && 'error' in answer) throw answer.error
      return answer
    } finally {
      clearInterval(timer)
      this.#settle = undefined
      this.#worker.unref()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate()
  }

  #end(cause: string): void {
    this.#gone ??= cause
    this.#settle?.(this.#gone)
  }
}
