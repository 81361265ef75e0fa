/**
 * The fuzzer's loop in one process: takes an input that is kept, changes it, runs the target, and keeps what reached something
 * new. It ends with its number of runs or its time; whether it hangs or dies is for supervise.ts to see.
 */
import { seededRandom } from '../../packages/engine/src/match/random-signatures.fixture.ts'
import type { Coverage } from './coverage.ts'
import type { FuzzTarget } from './fuzz-target.ts'
import { mutate } from './mutate.ts'
import type { Store } from './store.ts'
import { type Fault, tryInput } from './trial.ts'
import { wordBytes } from './words.ts'

export interface SessionOptions {
  readonly runs: number
  readonly seconds: number
  readonly seed: number
}

export interface Progress {
  readonly executions: number
  readonly kept: number
  readonly reached: number
}

export interface SessionEvents {
  /** Called every half second or so. */
  onProgress(progress: Progress): void
  onFault(fault: Fault, input: Uint8Array): void
}

/** Most of what can go wrong goes wrong in a little, and ten times as often in the same time. */
const LONGEST_BYTES = 4 * 1024
const PROGRESS_MILLISECONDS = 500

/** Every so many executions the outcome is compared with a second one; what is new is compared always. */
const COMPARED = 64

/** `store` is where the corpus is kept; without one the session leaves nothing behind. */
export async function fuzz(
  target: FuzzTarget,
  coverage: Coverage,
  store: Pick<Store, 'corpus' | 'keep' | 'current'> | undefined,
  options: SessionOptions,
  events: SessionEvents,
): Promise<Progress> {
  const { runs, seconds, seed } = options
  const longest = target.longest ?? LONGEST_BYTES
  const random = seededRandom(seed)
  const corpus: Uint8Array[] = []
  let executions = 0
  const seeds = await target.seeds()
  const started = performance.now()
  let told = started
  const progress = () => ({ executions, kept: corpus.length, reached: coverage.reached() })
  const attempt = async (input: Uint8Array, isStored: boolean) => {
    store?.current.write(input)
    coverage.clear()
    let fault = await tryInput(target, input, executions % COMPARED === 0)
    executions += 1
    const isNew = coverage.takeNews()
    if (isNew && fault === undefined) fault = await tryInput(target, input, true)
    if (fault !== undefined) events.onFault(fault, input)
    if (isNew) {
      corpus.push(Uint8Array.from(input))
      if (!isStored) store?.keep(input)
    }
    const now = performance.now()
    if (now - told < PROGRESS_MILLISECONDS) return
    told = now
    events.onProgress(progress())
  }
  const isOver = () => executions >= runs || performance.now() - started >= seconds * 1000
  for (const input of seeds) if (input.length <= longest && !isOver()) await attempt(input, false)
  for (const input of store?.corpus() ?? [])
    if (input.length <= longest && !isOver()) await attempt(input, true)
  if (corpus.length === 0) corpus.push(new Uint8Array(0))
  const words = wordBytes([...coverage.words, ...(target.words ?? [])])
  while (!isOver()) {
    // What was kept last leads on more often than what was kept first, and what is short is tried sooner.
    const last = corpus[corpus.length - 1 - random.whole(Math.ceil(corpus.length / 4))] as Uint8Array
    const any = random.pick(corpus)
    const chosen = random.chance(0.7) && any.length <= last.length ? any : last
    const input = mutate(chosen, { random, corpus, words, longest })
    if (random.chance(0.8)) target.repair?.(input)
    await attempt(input, false)
  }
  store?.current.close()
  return progress()
}
