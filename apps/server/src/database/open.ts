/**
 * Opens the server's database and brings it up to date. Nothing outside this folder knows which database it is.
 */
import { chmodSync } from 'node:fs'
import { Kysely } from 'kysely'
import { ServerError } from '../server-error.ts'
import { migrate } from './migrations.ts'
import type { Sql } from './sql.ts'
import { openSqlite } from './sqlite.ts'

/**
 * Opens the database at `path`, creating it readable by its owner only. Throws `database-newer` or `database-unusable`. Close
 * with `destroy`.
 */
export function openDatabase(path: string): Sql {
  try {
    return open(path)
  } catch (cause) {
    if (cause instanceof ServerError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ServerError(
      'database-unusable',
      `The database ${path} cannot be opened (${reason}). Check that its disk has room and that the server’s user may write there, or restore it from a backup.`,
      { cause },
    )
  }
}

function open(path: string): Sql {
  const { database, dialect } = openSqlite(path)
  try {
    chmodSync(path, 0o600)
    migrate(database, path)
  } catch (error) {
    database.close()
    throw error
  }
  return new Kysely<Record<never, never>>({ dialect })
}
