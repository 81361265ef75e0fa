/**
 * Where the files of detections are, byte for byte, and in which item of the quarantine: the wire's path is for people and
 * cannot always be turned back, and one file may be behind several detections.
 */
import type { DatabaseSync } from 'node:sqlite'
import { pathFromBytes, pathToBytes } from '@coreward/host'

/** Detections that are remembered from one start to the next; the server's command names a path as well, so an old one is no loss. */
const MOST = 50_000

export class DetectionJournal {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
    database
      .prepare(
        `DELETE FROM detection WHERE quarantine_id IS NULL AND seen_at <
           (SELECT seen_at FROM detection ORDER BY seen_at DESC LIMIT 1 OFFSET ?)`,
      )
      .run(MOST)
  }

  /** Notes that a detection was seen. */
  see(detectionId: string, path: string): void {
    this.#database
      .prepare(
        `INSERT INTO detection (id, path, seen_at) VALUES (?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at`,
      )
      .run(detectionId, pathToBytes(path), new Date().toISOString())
  }

  /** Notes in which item of the quarantine a detection's file now is; null: in none. */
  place(detectionId: string, quarantineId: string | null): void {
    this.#database
      .prepare('UPDATE detection SET quarantine_id = ? WHERE id = ?')
      .run(quarantineId, detectionId)
  }

  /** The path of a detection's file; undefined when it is not known here. */
  pathOf(detectionId: string): string | undefined {
    const row = this.#database.prepare('SELECT path FROM detection WHERE id = ?').get(detectionId) as
      | { path: Uint8Array }
      | undefined
    return row === undefined ? undefined : pathFromBytes(row.path)
  }

  /** The detections whose file is in this item of the quarantine. */
  inQuarantine(quarantineId: string): string[] {
    const rows = this.#database
      .prepare('SELECT id FROM detection WHERE quarantine_id = ?')
      .all(quarantineId) as unknown as { id: string }[]
    return rows.map((row) => row.id)
  }
}
