import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, test } from 'node:test'
import { sql as raw } from 'kysely'
import { changing } from './change.ts'
import { migrate, migrations } from './migrations.ts'
import { openDatabase } from './open.ts'
import { formatCursor, parseCursor } from './sql.ts'

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coreward-database-'))
  path = join(folder, 'coreward.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a new database has the newest version, is for its owner only, and commits durably', async () => {
  const sql = openDatabase(path)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  const pragma = async (name: string) =>
    Object.values((await raw`PRAGMA ${raw.raw(name)}`.execute(sql)).rows[0] as object)[0]
  assert.equal(await pragma('user_version'), migrations.length)
  assert.equal(await pragma('journal_mode'), 'wal')
  assert.equal(await pragma('synchronous'), 2)
  await sql.destroy()
  await openDatabase(path).destroy()
})

test('a database that a newer server has used is refused, and left as it was', async () => {
  await openDatabase(path).destroy()
  const database = new DatabaseSync(path)
  database.exec(`PRAGMA user_version = ${migrations.length + 1}`)
  database.close()
  assert.throws(() => openDatabase(path), {
    code: 'database-newer',
    message: /written by a newer server .* Start the newer version, or restore a backup/,
  })
})

test('a file that is no database is named, with what can be done, and not touched', () => {
  writeFileSync(path, 'this is not a database, but it is long enough to look like one'.repeat(100))
  const before = readFileSync(path)
  assert.throws(() => openDatabase(path), {
    code: 'database-unusable',
    message:
      /coreward\.sqlite cannot be opened \(file is not a database\)\. Check .* restore it from a backup/,
  })
  assert.deepEqual(readFileSync(path), before)
  assert.throws(() => openDatabase(join(folder, 'none', 'x.sqlite')), { code: 'database-unusable' })
})

test('a migration is taken once, and one that fails leaves the database at the version before', () => {
  const database = new DatabaseSync(path)
  const steps = ['CREATE TABLE a (x) STRICT', 'CREATE TABLE a (y TEXT) STRICT'].map((step) =>
    step.replace('(x)', '(x TEXT)'),
  )
  assert.equal(migrate(database, path, steps.slice(0, 1)), 1)
  assert.throws(() => migrate(database, path, steps), /already exists/)
  assert.equal(migrate(database, path, [steps[0] ?? '', 'CREATE TABLE b (y TEXT) STRICT']), 1)
  assert.equal(migrate(database, path, [steps[0] ?? '', '']), 0)
  database.close()
})

test('a change that reads first waits for another process that writes, instead of failing', async () => {
  const sql = openDatabase(path)
  await raw`CREATE TABLE numbers (n INTEGER) STRICT`.execute(sql)
  const other = new DatabaseSync(path, { timeout: 5000 })
  const change = changing(sql, () => undefined)
  let refused: unknown
  await change(async ({ sql: within }) => {
    await raw`SELECT * FROM numbers`.execute(within)
    // The other process must wait until this change is over; it may not slip in between reading and writing.
    other.exec('PRAGMA busy_timeout = 0')
    try {
      other.exec('INSERT INTO numbers VALUES (1)')
    } catch (error) {
      refused = error
    }
    await raw`INSERT INTO numbers VALUES (2)`.execute(within)
  })
  assert.match(String(refused), /database is locked/)
  assert.deepEqual(
    (await raw`SELECT n FROM numbers`.execute(sql)).rows.map((row) => ({ ...(row as object) })),
    [{ n: 2 }],
  )
  other.close()
  await sql.destroy()
})

test('a change that fails is undone, and says nothing to anybody', async () => {
  const sql = openDatabase(path)
  await raw`CREATE TABLE numbers (n INTEGER) STRICT`.execute(sql)
  const told: unknown[] = []
  const change = changing(sql, (message) => told.push(message))
  await assert.rejects(
    change(async ({ sql: within, tell, afterwards }) => {
      await raw`INSERT INTO numbers VALUES (1)`.execute(within)
      tell({ kind: 'policy' })
      afterwards(() => told.push('afterwards'))
      throw new Error('no')
    }),
    /^Error: no$/,
  )
  assert.deepEqual((await raw`SELECT n FROM numbers`.execute(sql)).rows, [])
  await change(async ({ tell }) => {
    tell({ kind: 'policy' })
    tell({ kind: 'policy' })
  })
  assert.deepEqual(told, [{ kind: 'policy' }])
  await sql.destroy()
})

test('a cursor comes back as it was made, and anything else is refused', () => {
  assert.deepEqual(parseCursor(formatCursor(['a"b', 7]), 'number'), ['a"b', 7])
  for (const text of ['', 'x', formatCursor(['a']), formatCursor([1, 7]), formatCursor(['a', 'b', 'c'])])
    assert.throws(() => parseCursor(text, 'number'), { code: 'request.malformed' })
  assert.throws(() => parseCursor(formatCursor(['a', 'b']), 'number'), { code: 'request.malformed' })
})
