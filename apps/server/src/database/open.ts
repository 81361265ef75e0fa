/**
 * Opens the server's database and brings it up to date. Nothing outside this folder knows which database it is.
 */
import { chmodSync } from 'node:fs'
import { Kysely } from 'kysely'
import { migrate } from './migrations.ts'
import type { Sql } from './sql.ts'
import { openSqlite } from './sqlite.ts'

/** Opens the database at `path`, creating it readable by its owner only. Throws `database-newer`. Close with `destroy`. */
export function openDatabase(path: string): Sql {
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
