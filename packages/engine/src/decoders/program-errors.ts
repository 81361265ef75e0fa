/**
 * What the archive library's program says when something is wrong, as reasons of ours.
 */
import type { Shortfall } from '../unpack/container.ts'
import type { UnscannedReason } from '../verdict.ts'
import type { DecoderEnd } from './decoder-thread.ts'

const reasons: readonly (readonly [start: RegExp, reason: UnscannedReason])[] = [
  [/wrong password|encrypted/i, 'encrypted'],
  [/unsupported|missing volume/i, 'unsupported'],
  [/allocate/i, 'budget-exceeded'],
]

/** What no content is lost by: a link to another entry, an attribute of a file that is not there, bytes behind the archive. */
const harmless =
  /^(?:Cannot (?:create (?:hard|symbolic) link|set |delete )|There are (?:some )?data after the end)/

/** The shortfall that a line tells of, and the entry's path if it names one; undefined for any other line. */
export function errorOfLine(
  text: string,
): { readonly shortfall: Shortfall; readonly path?: string } | 'harmless' | undefined {
  const [, said = '', path] = /^ERROR: (.+?)(?: : (.*))?$/.exec(text) ?? []
  // Without more words it is the archive's name, with the matter in the lines behind it.
  if (said === '' || said.startsWith('/a')) return undefined
  if (harmless.test(said)) return 'harmless'
  return path === undefined ? { shortfall: shortfallOf(said) } : { shortfall: shortfallOf(said), path }
}

/** What is wrong with the archive as a whole, from the lines of a run that failed. */
export function errorOfArchive(lines: readonly string[]): Shortfall {
  const matters = lines.filter((line) => !/^(?:ERRORS:|ERROR: \/a|)$/.test(line.trim()))
  const said =
    matters.find((line) => /password/i.test(line)) ??
    matters.find((line) => /cannot open|error|unexpected|unavailable|missing/i.test(line))
  return shortfallOf(said ?? 'it could not be read to its end')
}

/** Undefined when the program came to its end. */
export function errorOfEnd(end: DecoderEnd | { readonly kind: 'too-many' }): Shortfall | undefined {
  switch (end.kind) {
    case 'ended':
      return undefined
    case 'died':
      return { reason: 'damaged', detail: `the archive library gave up: ${end.cause}`.slice(0, 200) }
    case 'out-of-memory':
      return { reason: 'budget-exceeded', detail: 'it takes more memory than decoding may have' }
    case 'overstayed':
      return { reason: 'timed-out', detail: 'the archive library did not come to its next byte in time' }
    case 'too-many':
      return { reason: 'too-deep', detail: 'too many large archives lie in one another' }
  }
}

function shortfallOf(said: string): Shortfall {
  const reason = reasons.find(([start]) => start.test(said))?.[1] ?? 'damaged'
  return { reason, detail: said.trim().slice(0, 200) }
}
