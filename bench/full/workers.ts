/**
 * What a second worker brings: the same files through one and through two, by the clock on the wall. Whatever else runs on the machine
 * takes from both; the best of some rounds is what the engine can do.
 */

import { startCoreward } from '../coreward.ts'
import type { Corpus } from '../corpora.ts'

const ROUNDS = 5

/** Seconds of the best round with so many workers. */
export async function bestRound(
  definitions: string,
  corpus: Corpus,
  workers: number,
  node: string,
): Promise<number> {
  await using engine = await startCoreward(definitions, { workers, node })
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++)
    best = Math.min(best, (await engine.scan(corpus.paths)).wallSeconds)
  return best
}
