/**
 * The handle that stores query through, and what lists share: search words and cursors. It names no table: each store
 * declares its own with `$extendTables`.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { ServerError } from '../server-error.ts'

/** A connection or a transaction, before a store has said which tables it knows. */
export type Sql = Kysely<Record<never, never>>

/** Whether any of the columns holds `words`, whatever their case (ASCII). `%` and `_` mean themselves. */
export function holds(columns: readonly string[], words: string): RawBuilder<boolean> {
  // LOWER of SQLite knows ASCII only, and the words must be treated alike.
  const lower = words.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  const pattern = `%${lower.replace(/[\\%_]/g, '\\$&')}%`
  const tests = columns.map((column) => sql`LOWER(${sql.ref(column)}) LIKE ${pattern} ESCAPE '\\'`)
  return sql<boolean>`(${sql.join(tests, sql` OR `)})`
}

/** Where a page ended: the values that its order goes by, as opaque text. */
export function formatCursor(values: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url')
}

/** Reads a cursor of two values, the second a string or number as `second` says. Throws `request.malformed`. */
export function parseCursor<Second extends 'string' | 'number'>(
  cursor: string,
  second: Second,
): [string, Second extends 'string' ? string : number] {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (
      Array.isArray(values) &&
      values.length === 2 &&
      typeof values[0] === 'string' &&
      typeof values[1] === second
    )
      return [values[0], values[1]]
  } catch {
    // Told below: text that is not a cursor is the caller's mistake, however it is wrong.
  }
  throw new ServerError(
    'request.malformed',
    'The cursor is not one of this list; ask for the first page again.',
  )
}

/** Rows after a cursor in a list that goes by `first`, then `second`. */
export function after(
  first: string,
  second: string,
  cursor: readonly [string, string | number],
  direction: 'ascending' | 'descending',
): RawBuilder<boolean> {
  const sign = direction === 'ascending' ? sql.raw('>') : sql.raw('<')
  return sql<boolean>`(${sql.ref(first)}, ${sql.ref(second)}) ${sign} (${cursor[0]}, ${cursor[1]})`
}
