/**
 * The daemon's one SQLite file: opening it, its tables, and what its failures mean. Everything the daemon must remember
 * over a kill stands here, so that an event and the fact it tells of are stored in one transaction.
 * Full path of a write: statement → WAL → fsync (synchronous=FULL) → return. See docs/formats/spool.md.
 */
import { chmodSync, renameSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { SpoolError } from './spool-error.ts'

/** Grows by one with every change to the tables; a file with a greater one was written by a newer agent. */
const LAYOUT = 1

const TABLES = `
  CREATE TABLE event (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    occurred_at TEXT NOT NULL,
    content TEXT NOT NULL,
    delivered INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX event_by_delivery ON event (delivered, sequence);
  CREATE TABLE command (
    id TEXT PRIMARY KEY,
    expires_at TEXT NOT NULL,
    outcome TEXT
  ) STRICT;
  CREATE TABLE scan (
    id TEXT PRIMARY KEY,
    description TEXT NOT NULL,
    so_far TEXT,
    finished TEXT
  ) STRICT;
  CREATE TABLE detection (
    id TEXT PRIMARY KEY,
    path BLOB NOT NULL,
    quarantine_id TEXT,
    seen_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX detection_by_quarantine ON detection (quarantine_id);
  CREATE TABLE installation (id TEXT NOT NULL) STRICT;
`

export interface OpenedDatabase {
  readonly database: DatabaseSync
  /** Where a file that could not be read was put aside; absent when all was well. */
  readonly setAside?: string
}

/**
 * Opens the file, or makes it (mode 0600). A damaged one is put aside and a new one begun: a host goes on being protected.
 * Throws SpoolError `full`, `newer` or `failed`.
 */
export function openDatabase(path: string): OpenedDatabase {
  try {
    return { database: open(path) }
  } catch (error) {
    const failure = spoolError(`open ${path}`, error)
    if (failure.code !== 'damaged') throw failure
    const setAside = `${path}.damaged-${Date.now()}`
    renameSync(path, setAside)
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true })
    return { database: open(path), setAside }
  }
}

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path)
  try {
    chmodSync(path, 0o600)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000')
    const { user_version: layout } = database.prepare('PRAGMA user_version').get() as { user_version: number }
    if (layout > LAYOUT) {
      throw new SpoolError(
        'newer',
        `${path} was written by a newer agent (layout ${layout}; this one knows ${LAYOUT}); install that version again.`,
      )
    }
    if (layout === 0) database.exec(`BEGIN; ${TABLES} PRAGMA user_version = ${LAYOUT}; COMMIT`)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Runs `work` in one transaction: all of it is durable when this returns, or none of it. Throws SpoolError. */
export function inTransaction<T>(database: DatabaseSync, doing: string, work: () => T): T {
  try {
    database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      database.exec('COMMIT')
      return result
    } catch (error) {
      // SQLite has rolled back by itself after some failures, a full disk among them.
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  } catch (error) {
    throw spoolError(doing, error)
  }
}

// Result codes, https://sqlite.org/rescode.html; the low byte is the primary code.
const SQLITE_IOERR = 10
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_NOTADB = 26

/** An error of SQLite as ours. An I/O error while writing is what a full quota looks like to SQLite. */
function spoolError(doing: string, error: unknown): SpoolError {
  if (error instanceof SpoolError) return error
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : -1
  const reason = error instanceof Error ? error.message : String(error)
  if (code === SQLITE_FULL || code === SQLITE_IOERR) {
    return new SpoolError('full', `Could not ${doing}: ${reason}; free some space on that disk.`, error)
  }
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) {
    return new SpoolError('damaged', `Could not ${doing}: ${reason}.`, error)
  }
  return new SpoolError('failed', `Could not ${doing}: ${reason}.`, error)
}
