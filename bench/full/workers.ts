/**
 * What a second worker brings: the same files through one and through two, by the clock on the wall. Whatever else runs on the machine
 * takes from both; so they take turns, and the best of some rounds is what the engine can do.
 */

import { startCoreward } from '../coreward.ts'
import type { Corpus } from '../corpora.ts'

/** A round takes a fifth of a second, which whatever else the machine does can double. */
const ROUNDS = 20

/** Seconds of the best round with one worker, and with two. */
export async function bestRounds(
  definitions: string,
  corpus: Corpus,
  node: string,
): Promise<readonly [one: number, two: number]> {
  await using one = await startCoreward(definitions, { workers: 1, node })
  await using two = await startCoreward(definitions, { workers: 2, node })
  const best: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let round = 0; round < ROUNDS; round++) {
    best[0] = Math.min(best[0], (await one.scan(corpus.paths)).wallSeconds)
    best[1] = Math.min(best[1], (await two.scan(corpus.paths)).wallSeconds)
  }
  return best
}
