/**
 * The scans that run, so that one a kill cut short is told of at the next start, and the last that ended, for the status.
 * Its writes happen inside the transaction of the event that tells the same thing.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { ScanKind, ScanState, ScanSummary, ScanTrigger } from '@coreward/contracts'

/** A scan as it was begun. */
export interface JournalledScan {
  readonly scanId: string
  readonly kind: ScanKind
  readonly paths: readonly string[]
  readonly trigger: ScanTrigger
  readonly startedAt: string
  readonly definitionsVersion: string | null
}

export interface FinishedScan extends JournalledScan {
  readonly state: ScanState
  readonly summary: ScanSummary
}

export class ScanJournal {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** Enters a scan that begins. */
  begin(scan: JournalledScan): void {
    this.#database
      .prepare('INSERT INTO scan (id, description) VALUES (?, ?)')
      .run(scan.scanId, JSON.stringify(scan))
  }

  /** Notes a scan's end, and forgets all that ended before it. */
  end(scanId: string, state: ScanState, summary: ScanSummary): void {
    this.#database.prepare('DELETE FROM scan WHERE finished IS NOT NULL').run()
    this.#database
      .prepare('UPDATE scan SET finished = ? WHERE id = ?')
      .run(JSON.stringify({ state, summary }), scanId)
  }

  /** Scans that were begun and have not ended: those that run, and those that a kill cut short. */
  unfinished(): JournalledScan[] {
    const rows = this.#database
      .prepare('SELECT description FROM scan WHERE finished IS NULL')
      .all() as unknown as { description: string }[]
    return rows.map((row) => JSON.parse(row.description))
  }

  /** The scan that ended last; null when none has. */
  last(): FinishedScan | null {
    const row = this.#database.prepare('SELECT * FROM scan WHERE finished IS NOT NULL').get() as
      | { description: string; finished: string }
      | undefined
    return row === undefined ? null : { ...JSON.parse(row.description), ...JSON.parse(row.finished) }
  }
}
