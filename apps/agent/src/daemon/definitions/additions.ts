/**
 * What is new in a set, beside the set: which file of several is of use here, and what the one that was fetched touches. Whatever is wrong
 * with one costs time only: every file is read against the whole set then.
 */
import { readFileSync } from 'node:fs'
import { PublishedAdditions } from '@coreward/contracts'
import { openDefinitions, type Reach, reachOf } from '@coreward/definitions'
import { z } from 'zod'

const Custom = z.object({ additions: z.string().transform(parsed).pipe(z.array(PublishedAdditions).max(50)) })

/** Files that were clean under an older set than nearly all others are gone, or infected since: they are not worth more additions. */
const MOST_OF_THEM = 0.9

/**
 * Of what is published beside a set the fewest additions that are of use for nearly all files here that any are of use for; undefined when
 * there are none. `custom` is what the publisher says of the set, `cleanUnder` how many files were clean under which sets.
 */
export function chooseAdditions(
  custom: unknown,
  cleanUnder: ReadonlyMap<string, number>,
): PublishedAdditions | undefined {
  const published = Custom.safeParse(custom).data?.additions ?? []
  const useOf = ({ since }: PublishedAdditions) =>
    since.reduce((files, sha256) => files + (cleanUnder.get(sha256) ?? 0), 0)
  const most = Math.max(0, ...published.map(useOf))
  // What is new since fewer sets is no more.
  const fewest = published.toSorted((a, b) => a.since.length - b.since.length)
  return most === 0 ? undefined : fewest.find((additions) => useOf(additions) >= most * MOST_OF_THEM)
}

/** What the additions in a file touch. Throws when it cannot be read, or holds others than those of `version`. */
export function openAdditions(path: string, version: string): Reach {
  const set = openDefinitions(readFileSync(path))
  if (set.version !== version) throw new Error(`${path} holds ${set.version}, not ${version}`)
  set.checkStored()
  return reachOf(set)
}

function parsed(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue('not JSON')
    return z.NEVER
  }
}
