/**
 * Kysely over node:sqlite. Every commit is durable before it returns (synchronous=FULL); one writer at a time, which is
 * Kysely's single connection in this process and the busy time-out between processes.
 */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { type SqliteDatabase, SqliteDialect } from 'kysely'

// One-shot commands write while the server runs; each holds the write lock for a few milliseconds.
const busyMilliseconds = 5_000

/**
 * Every transaction of ours writes (change.ts). One that began by reading would fail at once, and not wait, when a one-shot
 * command has written in between (SQLITE_BUSY_SNAPSHOT), so the write lock is taken at the start.
 */
const begin = 'begin immediate'

/** Opens or creates the database file. The caller closes it by destroying the Kysely that it is given to. */
export function openSqlite(path: string): { database: DatabaseSync; dialect: SqliteDialect } {
  const database = new DatabaseSync(path, { timeout: busyMilliseconds, enableForeignKeyConstraints: true })
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF')
  } catch (error) {
    database.close()
    throw error
  }
  return { database, dialect: new SqliteDialect({ database: adapt(database) }) }
}

function adapt(database: DatabaseSync): SqliteDatabase {
  const ours = (text: string) => {
    if (text === 'begin') return begin
    // SQLite has rolled back by itself after some failures, a full disk among them; that failure must not be hidden by another.
    return text === 'rollback' && !database.isTransaction ? 'SELECT 1' : text
  }
  return {
    close: () => database.close(),
    prepare(text) {
      const statement = database.prepare(ours(text))
      const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[]
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...values(parameters)),
        run: (parameters) => statement.run(...values(parameters)),
        iterate: (parameters) => statement.iterate(...values(parameters)),
      }
    },
  }
}
