/**
 * The files that were found clean, by their identity, so that an unchanged file need not be read again. An entry holds for one
 * state of a file (device, inode, size, both times to the nanosecond) under one set of definitions and limits, and for nothing
 * else. Losing entries costs time only; so they are written lazily, and a damaged file of them is thrown away.
 */
import { rmSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Logger } from 'pino'
import type { FileIdentity } from '../../verbs/file-facts.ts'

/** What tells one state of one file from every other. */
export type FileState = Pick<FileIdentity, 'device' | 'inode' | 'size' | 'mtimeNs' | 'ctimeNs'>

/** What a scan asks and tells. */
export interface CleanFiles {
  isKnown(state: FileState): boolean
  remember(state: FileState): void
}

/** Some 120 MB of disk; past it nothing more is remembered until the definitions change. */
const MOST = 2_000_000
/** Entries written in one transaction. */
const BATCH = 2_000
/**
 * A file that was changed so shortly before its scan, in milliseconds, might be changed again within the same tick of the clock that
 * its times are taken from, and look the same.
 */
const SETTLED = 2_000

const TABLES = `
  CREATE TABLE IF NOT EXISTS basis (name TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS clean (
    device INTEGER NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL, ctime INTEGER NOT NULL,
    PRIMARY KEY (device, inode)
  ) STRICT, WITHOUT ROWID;
`

export class KnownClean {
  readonly #log: Logger
  readonly #settled: number
  #database: DatabaseSync | undefined
  #find: StatementSync | undefined
  #basis: string | undefined
  #count = 0
  #waiting: FileState[] = []

  /** Opens the file at `path`, or makes it. Never throws: without it every file is read. */
  constructor(path: string, log: Logger, settledMilliseconds = SETTLED) {
    this.#log = log
    this.#settled = settledMilliseconds
    try {
      this.#open(path)
    } catch {
      this.#beginAnew(path)
    }
  }

  /**
   * What is known on this basis: definitions, limits and program, as one text. Another basis than the last forgets everything. `fresh`:
   * nothing counts as known, but what is found clean is remembered.
   */
  on(basis: string, fresh: boolean): CleanFiles {
    this.#flush()
    if (basis !== this.#basis) this.#guarded((database) => this.#begin(database, basis))
    const isCurrent = () => this.#basis === basis
    return {
      isKnown: (state) => !fresh && isCurrent() && this.#isKnown(state),
      remember: (state) => {
        if (isCurrent() && this.#isSettled(state)) this.#remember(state)
      },
    }
  }

  [Symbol.dispose](): void {
    this.#flush()
    this.#database?.close()
    this.#database = undefined
  }

  #open(path: string): void {
    const database = new DatabaseSync(path)
    try {
      database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${TABLES}`)
      this.#find = database.prepare(
        'SELECT 1 FROM clean WHERE device = ? AND inode = ? AND size = ? AND mtime = ? AND ctime = ?',
      )
      this.#basis = database.prepare('SELECT name FROM basis').get()?.name as string | undefined
      this.#count = Number(database.prepare('SELECT count(*) AS count FROM clean').get()?.count)
    } catch (error) {
      database.close()
      throw error
    }
    this.#database = database
  }

  #beginAnew(path: string): void {
    try {
      for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
      this.#open(path)
    } catch (error) {
      this.#log.warn({ err: error }, 'no file for known clean files; every file is read')
    }
  }

  #begin(database: DatabaseSync, basis: string): void {
    this.#waiting = []
    database.exec('BEGIN; DELETE FROM clean; DELETE FROM basis')
    database.prepare('INSERT INTO basis VALUES (?)').run(basis)
    database.exec('COMMIT')
    this.#basis = basis
    this.#count = 0
  }

  #isKnown(state: FileState): boolean {
    const find = this.#find
    return this.#guarded(() => find?.get(...valuesOf(state)) !== undefined) ?? false
  }

  #isSettled({ ctimeNs }: FileState): boolean {
    return Date.now() - Number(BigInt(ctimeNs) / 1_000_000n) >= this.#settled
  }

  #remember(state: FileState): void {
    this.#waiting.push(state)
    if (this.#waiting.length >= BATCH) this.#flush()
  }

  #flush(): void {
    const states = this.#waiting
    this.#waiting = []
    if (states.length === 0 || this.#count + states.length > MOST) return
    this.#guarded((database) => {
      const put = database.prepare('INSERT OR REPLACE INTO clean VALUES (?, ?, ?, ?, ?)')
      database.exec('BEGIN')
      for (const state of states) put.run(...valuesOf(state))
      database.exec('COMMIT')
      this.#count += states.length
    })
  }

  /** Does something with the database; the first failure ends its use until the next start. */
  #guarded<T>(work: (database: DatabaseSync) => T): T | undefined {
    const database = this.#database
    try {
      return database === undefined ? undefined : work(database)
    } catch (error) {
      this.#log.warn({ err: error }, 'known clean files are not used any more; every file is read')
      this.#database = undefined
      this.#find = undefined
      database?.close()
      return undefined
    }
  }
}

function valuesOf({ device, inode, size, mtimeNs, ctimeNs }: FileState): bigint[] {
  // SQLite's integers are signed; the same bits are the same number.
  return [device, inode, size, mtimeNs, ctimeNs].map((value) => BigInt.asIntN(64, BigInt(value)))
}
