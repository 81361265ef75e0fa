/**
 * How fast an engine goes through a corpus, in bytes of what lies in the files for each CPU-second of all its processes. A scan counts only when every
 * byte was read and nothing was left out; whoever is so fast that the clock's steps would show is asked again and again.
 */
import type { Corpus } from '../corpora.ts'
import type { EngineUnderTest } from '../engine-under-test.ts'

/** CPU time is told in steps of 10 ms. */
const LEAST_CPU_SECONDS = 1
const MOST_ROUNDS = 40

export interface Speed {
  readonly bytesPerCpuSecond: number
  readonly rounds: number
  readonly found: ReadonlyMap<string, string>
  /** Why this scan does not count, in words. */
  readonly invalid?: string
}

/** Scans the corpus until it took long enough to be measured. */
export async function speedOf(engine: EngineUnderTest, corpus: Corpus): Promise<Speed> {
  let cpuSeconds = 0
  let rounds = 0
  for (;;) {
    const cost = await engine.scan(corpus.paths)
    rounds += 1
    cpuSeconds += cost.cpuSeconds
    const invalid = complaint(engine, corpus, cost)
    if (invalid !== undefined || cpuSeconds >= LEAST_CPU_SECONDS || rounds === MOST_ROUNDS) {
      const bytesPerCpuSecond = (corpus.contentBytes * rounds) / Math.max(cpuSeconds, 0.01)
      return { bytesPerCpuSecond, rounds, found: cost.found, ...(invalid === undefined ? {} : { invalid }) }
    }
  }
}

function complaint(
  { name }: EngineUnderTest,
  { bytes }: Corpus,
  { unscanned, bytesRead }: Awaited<ReturnType<EngineUnderTest['scan']>>,
): string | undefined {
  if (unscanned.length > 0)
    return `${name} did not wholly scan ${unscanned.length} files, ${unscanned[0]} first`
  if (bytesRead === undefined || bytesRead === bytes) return undefined
  return `${name} read ${bytesRead} of ${bytes} bytes`
}
