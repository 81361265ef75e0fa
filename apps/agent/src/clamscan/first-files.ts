/**
 * A look at the first files of a walk, before anything is started for them: a call for one file needs one worker thread, not one
 * for each core. The walk goes on afterwards as if nobody had looked.
 */
import type { Found } from './target-walk.ts'

/** Things looked at at the most, so that a tree in which there is nothing to scan is not held in memory. */
const MOST_LOOKED_AT = 1000

/** How many files there are, up to `most` (which may also mean that nobody knows), and the whole walk. */
export function countFirstFiles(
  walk: Iterator<Found>,
  most: number,
): { readonly files: number; readonly all: Iterable<Found> } {
  const first: Found[] = []
  let files = 0
  let ended = false
  while (!ended && files < most && first.length < MOST_LOOKED_AT) {
    const next = walk.next()
    if (next.done) ended = true
    else {
      first.push(next.value)
      if (next.value.kind === 'file' || next.value.kind === 'stdin') files += 1
    }
  }
  return { files: ended ? files : most, all: inOrder(first, walk) }
}

function* inOrder(first: readonly Found[], walk: Iterator<Found>): Generator<Found> {
  yield* first
  for (let next = walk.next(); !next.done; next = walk.next()) yield next.value
}
