/**
 * What was refused while a set was compiled: the first lines one by one, all of them by number and by reason, in bounded memory
 * whatever a file holds.
 */
import type { RefusedLine } from './parse/signature-file.ts'

/** Refused lines of one kind. Names and numbers in the reason are left out, so that like ones count together. */
export interface RefusalKind {
  readonly reason: string
  readonly count: number
}

export interface RefusalSummary {
  /** The first, in the order of the files. */
  readonly refused: readonly RefusedLine[]
  readonly refusedCount: number
  /** All of them, the most frequent kind first. */
  readonly refusedKinds: readonly RefusalKind[]
}

export interface Refusals {
  add(line: RefusedLine): void
  summary(): RefusalSummary
}

const LISTED_LINES = 1000
const LISTED_KINDS = 200
const OTHER_KINDS = 'other reasons'

/** An empty list. */
export function createRefusals(): Refusals {
  const refused: RefusedLine[] = []
  const kinds = new Map<string, number>()
  let refusedCount = 0
  return {
    add(line) {
      refusedCount += 1
      if (refused.length < LISTED_LINES) refused.push(line)
      const kind = kindOf(line.reason)
      const known = kinds.has(kind) || kinds.size < LISTED_KINDS ? kind : OTHER_KINDS
      kinds.set(known, (kinds.get(known) ?? 0) + 1)
    },
    summary() {
      const refusedKinds = [...kinds].map(([reason, count]) => ({ reason, count }))
      return { refused, refusedCount, refusedKinds: refusedKinds.sort((a, b) => b.count - a.count) }
    },
  }
}

function kindOf(reason: string): string {
  return reason
    .replace(/"[^"]*"/g, '"…"')
    .replace(/\b\d+\b/g, 'N')
    .slice(0, 200)
}
