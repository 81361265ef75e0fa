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

/** A scan that a kill cut short; `soFar` is the last summary that was noted. */
export interface UnfinishedScan extends JournalledScan {
  readonly soFar: ScanSummary | null
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

  /** Notes how far a scan is. One durable write: not for every file. */
  note(scanId: string, soFar: ScanSummary): void {
    this.#database.prepare('UPDATE scan SET so_far = ? WHERE id = ?').run(JSON.stringify(soFar), scanId)
  }

  /** Notes a scan's end, and forgets all that ended before it. */
  end(scanId: string, state: ScanState, summary: ScanSummary): void {
    this.#database.prepare('DELETE FROM scan WHERE finished IS NOT NULL').run()
    this.#database
      .prepare('UPDATE scan SET finished = ? WHERE id = ?')
      .run(JSON.stringify({ state, summary }), scanId)
  }

  /** Scans that were begun and have not ended: those that run, and those that a kill cut short. */
  unfinished(): UnfinishedScan[] {
    const rows = this.#database
      .prepare('SELECT description, so_far FROM scan WHERE finished IS NULL')
      .all() as unknown as { description: string; so_far: string | null }[]
    return rows.map((row) => ({
      ...JSON.parse(row.description),
      soFar: row.so_far === null ? null : JSON.parse(row.so_far),
    }))
  }

  /** The scan that ended last; null when none has. */
  last(): FinishedScan | null {
    const row = this.#database.prepare('SELECT * FROM scan WHERE finished IS NOT NULL').get() as
      | { description: string; finished: string }
      | undefined
    return row === undefined ? null : { ...JSON.parse(row.description), ...JSON.parse(row.finished) }
  }
}
