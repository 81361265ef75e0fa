/** The enrolment's tables: one-time tokens, as hashes, and the client certificates that came of them. */
import type { EnrollmentToken } from '@coreward/contracts'
import type { Selectable } from 'kysely'
import type { Sql } from '../database/sql.ts'

export const enrollmentSchema = `
CREATE TABLE enrollment_tokens (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  secret_hash TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  used_at TEXT,
  used_by TEXT,
  withdrawn_at TEXT
) STRICT;
CREATE TABLE enrollment_certificates (
  fingerprint TEXT PRIMARY KEY,
  agent_id TEXT NOT NULL,
  serial TEXT NOT NULL,
  issued_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
) STRICT;
`

type TokensTable = {
  id: string
  name: string
  secret_hash: string
  created_at: string
  created_by: string
  expires_at: string
  used_at: string | null
  used_by: string | null
  withdrawn_at: string | null
}

type CertificatesTable = {
  fingerprint: string
  agent_id: string
  serial: string
  issued_at: string
  expires_at: string
}

/** What is stored of a token: not its secret. */
export type StoredToken = Omit<EnrollmentToken, 'state'> & { readonly withdrawnAt: string | null }

const tables = (sql: Sql) =>
  sql.$extendTables<{ enrollment_tokens: TokensTable; enrollment_certificates: CertificatesTable }>()

export async function insertToken(
  sql: Sql,
  token: {
    id: string
    name: string
    secretHash: string
    createdAt: string
    createdBy: string
    expiresAt: string
  },
): Promise<void> {
  await tables(sql)
    .insertInto('enrollment_tokens')
    .values({
      id: token.id,
      name: token.name,
      secret_hash: token.secretHash,
      created_at: token.createdAt,
      created_by: token.createdBy,
      expires_at: token.expiresAt,
    })
    .execute()
}

/** Tokens, newest first. */
export async function listTokens(sql: Sql): Promise<StoredToken[]> {
  const query = tables(sql).selectFrom('enrollment_tokens').selectAll().orderBy('created_at', 'desc')
  return (await query.limit(1000).execute()).map(tokenOf)
}

export async function findToken(sql: Sql, secretHash: string): Promise<StoredToken | undefined> {
  const query = tables(sql).selectFrom('enrollment_tokens').selectAll()
  const row = await query.where('secret_hash', '=', secretHash).executeTakeFirst()
  return row && tokenOf(row)
}

/** Uses a token up; false when somebody else was faster. */
export async function useToken(sql: Sql, id: string, agentId: string, at: string): Promise<boolean> {
  const result = await tables(sql)
    .updateTable('enrollment_tokens')
    .set({ used_at: at, used_by: agentId })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('withdrawn_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Makes a token unusable; false when there is no such token that is not used. */
export async function withdrawToken(sql: Sql, id: string, at: string): Promise<boolean> {
  const result = await tables(sql)
    .updateTable('enrollment_tokens')
    .set({ withdrawn_at: at })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

export async function insertCertificate(
  sql: Sql,
  certificate: { fingerprint: string; agentId: string; serial: string; issuedAt: string; expiresAt: string },
): Promise<void> {
  await tables(sql)
    .insertInto('enrollment_certificates')
    .values({
      fingerprint: certificate.fingerprint,
      agent_id: certificate.agentId,
      serial: certificate.serial,
      issued_at: certificate.issuedAt,
      expires_at: certificate.expiresAt,
    })
    .execute()
}

/** The agent that a certificate was issued to, by the certificate's SHA-256. */
export async function findCertificate(sql: Sql, fingerprint: string): Promise<string | undefined> {
  const query = tables(sql).selectFrom('enrollment_certificates').select('agent_id')
  return (await query.where('fingerprint', '=', fingerprint).executeTakeFirst())?.agent_id
}

function tokenOf(row: Selectable<TokensTable>): StoredToken {
  return {
    id: row.id,
    name: row.name,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    usedBy: row.used_by,
    withdrawnAt: row.withdrawn_at,
  }
}
