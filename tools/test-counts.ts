/**
 * How many tests passed, failed and were skipped: read from node:test's own sums, added up, and put into the one line
 * that stands last. It counts nothing by itself.
 */

export interface Counts {
  readonly passed: number
  /** Cancelled tests among them: a test that was cut off showed nothing. */
  readonly failed: number
  /** Tests marked `todo` among them. */
  readonly skipped: number
}

export const noCounts: Counts = Object.freeze({ passed: 0, failed: 0, skipped: 0 })

export function addCounts(one: Counts, other: Counts): Counts {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  }
}

/** The last line of a test run. */
export function summaryOf(counts: Counts): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`
}

/** Reads the sums at the end of node:test's TAP output; output that was cut off before them counts nothing. */
export function countsIn(tap: string): Counts {
  const sum = (label: string) => {
    const lines = [...tap.matchAll(new RegExp(`^# ${label} (\\d+)$`, 'gm'))]
    return Number(lines.at(-1)?.[1] ?? 0)
  }
  return {
    passed: sum('pass'),
    failed: sum('fail') + sum('cancelled'),
    skipped: sum('skipped') + sum('todo'),
  }
}
