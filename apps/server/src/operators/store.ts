/** The operators' tables: people, their sessions and the one-time set-up link. Passwords and secrets are stored as hashes only. */
import type { Sql } from '../database/sql.ts'

export const operatorsSchema = `
CREATE TABLE operators (
  username TEXT PRIMARY KEY,
  password_hash TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE TABLE operators_sessions (
  secret_hash TEXT PRIMARY KEY,
  username TEXT NOT NULL REFERENCES operators (username) ON DELETE CASCADE,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX operators_sessions_by_expiry ON operators_sessions (expires_at);
CREATE TABLE operators_setup (
  secret_hash TEXT PRIMARY KEY,
  expires_at TEXT NOT NULL
) STRICT;
`

type Tables = {
  operators: { username: string; password_hash: string; created_at: string }
  operators_sessions: { secret_hash: string; username: string; created_at: string; expires_at: string }
  operators_setup: { secret_hash: string; expires_at: string }
}

/** A session, named by the hash of its secret. */
export interface StoredSession {
  readonly secretHash: string
  readonly username: string
  readonly expiresAt: string
}

const tables = (sql: Sql) => sql.$extendTables<Tables>()

export async function countOperators(sql: Sql): Promise<number> {
  const row = await tables(sql)
    .selectFrom('operators')
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

export async function insertOperator(
  sql: Sql,
  operator: { username: string; passwordHash: string; createdAt: string },
): Promise<void> {
  const { username, passwordHash, createdAt } = operator
  await tables(sql)
    .insertInto('operators')
    .values({ username, password_hash: passwordHash, created_at: createdAt })
    .execute()
}

/** The hash of an operator's password. */
export async function findPasswordHash(sql: Sql, username: string): Promise<string | undefined> {
  const query = tables(sql).selectFrom('operators').select('password_hash')
  return (await query.where('username', '=', username).executeTakeFirst())?.password_hash
}

export async function insertSession(sql: Sql, session: StoredSession, createdAt: string): Promise<void> {
  const { secretHash, username, expiresAt } = session
  await tables(sql)
    .insertInto('operators_sessions')
    .values({ secret_hash: secretHash, username, created_at: createdAt, expires_at: expiresAt })
    .execute()
}

export async function findSession(sql: Sql, secretHash: string): Promise<StoredSession | undefined> {
  const query = tables(sql).selectFrom('operators_sessions').selectAll()
  const row = await query.where('secret_hash', '=', secretHash).executeTakeFirst()
  return row && { secretHash: row.secret_hash, username: row.username, expiresAt: row.expires_at }
}

export async function extendSession(sql: Sql, secretHash: string, expiresAt: string): Promise<void> {
  const query = tables(sql).updateTable('operators_sessions').set({ expires_at: expiresAt })
  await query.where('secret_hash', '=', secretHash).execute()
}

export async function deleteSession(sql: Sql, secretHash: string): Promise<void> {
  await tables(sql).deleteFrom('operators_sessions').where('secret_hash', '=', secretHash).execute()
}

export async function deleteExpiredSessions(sql: Sql, now: string): Promise<void> {
  await tables(sql).deleteFrom('operators_sessions').where('expires_at', '<=', now).execute()
}

/** Replaces the set-up link: only the newest is good. */
export async function replaceSetup(sql: Sql, secretHash: string, expiresAt: string): Promise<void> {
  await deleteSetup(sql)
  await tables(sql)
    .insertInto('operators_setup')
    .values({ secret_hash: secretHash, expires_at: expiresAt })
    .execute()
}

export async function findSetup(sql: Sql): Promise<{ secretHash: string; expiresAt: string } | undefined> {
  const row = await tables(sql).selectFrom('operators_setup').selectAll().executeTakeFirst()
  return row && { secretHash: row.secret_hash, expiresAt: row.expires_at }
}

export async function deleteSetup(sql: Sql): Promise<void> {
  await tables(sql).deleteFrom('operators_setup').execute()
}
