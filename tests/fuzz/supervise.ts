/**
 * Watches over sessions of one target, each in a process of its own: one that dies, hangs or grows past its memory is a finding, with
 * the input it was at, and another goes on in its place.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FromChild } from './child.ts'
import type { Progress, SessionOptions } from './session.ts'
import { openStore, type Store } from './store.ts'
import type { Fault } from './trial.ts'

/** No input may keep a process busy for so long: two seconds are in the targets' budgets, and the machine may be busy. */
const SILENCE_MILLISECONDS = 30_000

/** Contents of a megabyte, an engine and its definitions need a fifth of this. */
const MEMORY_MAX_BYTES = 1024 ** 3
const HEAP_MEGABYTES = 384
const PAGE_BYTES = 4096

/** How Node ends when nothing is left to do and something is waited for still ("Exit codes", 13). */
const UNSETTLED = 13

/** A target that kills its process so often has told enough. */
const DEATHS_MAX = 3

export interface Campaign extends Progress {
  readonly seconds: number
  readonly findings: number
}

/** Runs sessions until the number of runs or the time is reached, adds them to the store's counts, and tells what came out. */
export async function superviseTarget(
  target: string,
  options: SessionOptions,
  print: (line: string) => void,
): Promise<Campaign> {
  const store = openStore(target)
  const started = performance.now()
  let executions = 0
  let findings = 0
  let last: Progress = { executions: 0, kept: 0, reached: 0 }
  const elapsed = () => (performance.now() - started) / 1000
  const onFault = (fault: Fault, input: Uint8Array) => {
    const { path, isNew } = store.addFinding(fault, input)
    if (!isNew) return
    findings += 1
    print(`${target}: ${fault.key}\n  ${path}`)
  }
  for (
    let deaths = 0;
    deaths < DEATHS_MAX && executions < options.runs && elapsed() < options.seconds;
    deaths += 1
  ) {
    const rest = {
      ...options,
      runs: options.runs - executions,
      seconds: options.seconds - elapsed(),
      seed: options.seed + deaths,
    }
    const { progress, death } = await runSession(target, rest, onFault)
    last = progress
    executions += progress.executions
    if (death === undefined) break
    onFault({ key: death, detail: `the process ${death}` }, store.current.read())
  }
  const campaign = { ...last, executions, seconds: elapsed(), findings }
  addCounts(store, campaign)
  return campaign
}

interface Ended {
  readonly progress: Progress
  /** Why the process is no more, when it should be. */
  readonly death?: string
}

function runSession(
  target: string,
  options: SessionOptions,
  onFault: (fault: Fault, input: Uint8Array) => void,
): Promise<Ended> {
  const child = fork(join(import.meta.dirname, 'child.ts'), [target, JSON.stringify(options)], {
    execArgv: [`--max-old-space-size=${HEAP_MEGABYTES}`, '--max-semi-space-size=32', '--no-warnings'],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  let progress: Progress = { executions: 0, kept: 0, reached: 0 }
  let death: string | undefined
  let isOver = false
  let heard = performance.now()
  let words = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    words = `${words}${chunk.toString()}`.slice(-4000)
  })
  child.on('message', (message: FromChild) => {
    heard = performance.now()
    if (message.kind === 'fault') onFault(message.fault, Buffer.from(message.input, 'base64'))
    else progress = message.progress
    isOver ||= message.kind === 'end'
  })
  const watch = setInterval(() => {
    if (performance.now() - heard > SILENCE_MILLISECONDS) death ??= 'hangs'
    if (memoryOf(child) > MEMORY_MAX_BYTES) death ??= 'has too much memory'
    if (death !== undefined) child.kill('SIGKILL')
  }, 250)
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearInterval(watch)
      if (code === UNSETTLED) death ??= 'never settles'
      if (!isOver) death ??= `died: ${signal ?? code}\n${words}`
      resolve(death === undefined ? { progress } : { progress, death })
    })
  })
}

/** Resident memory as Linux tells it (proc(5), statm); zero elsewhere. */
function memoryOf({ pid }: ChildProcess): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES
  } catch {
    return 0
  }
}

function addCounts(store: Store, { executions, seconds, findings }: Campaign): void {
  const counts = store.counts()
  const date = new Date().toISOString().slice(0, 10)
  const day = counts.unreported[date] ?? { executions: 0, seconds: 0, findings: 0 }
  store.setCounts({
    total: counts.total + executions,
    unreported: {
      ...counts.unreported,
      [date]: {
        executions: day.executions + executions,
        seconds: day.seconds + seconds,
        findings: day.findings + findings,
      },
    },
  })
}
