/** The policies' table: every version that was ever deployed, with the document agents fetched. Rows are never changed. */
import { PolicySettings } from '@coreward/contracts'
import type { Sql } from '../database/sql.ts'

export const policiesSchema = `
CREATE TABLE policies (
  version INTEGER PRIMARY KEY,
  settings TEXT NOT NULL,
  document TEXT NOT NULL,
  note TEXT NOT NULL,
  deployed_at TEXT NOT NULL,
  deployed_by TEXT NOT NULL
) STRICT;
`

interface PoliciesTable {
  version: number
  settings: string
  document: string
  note: string
  deployed_at: string
  deployed_by: string
}

/** A deployed policy. `document` is the JWS. */
export interface StoredPolicy {
  readonly version: number
  readonly settings: PolicySettings
  readonly document: string
  readonly note: string
  readonly deployedAt: string
  readonly deployedBy: string
}

const tables = (sql: Sql) => sql.$extendTables<{ policies: PoliciesTable }>()

export async function insertPolicy(sql: Sql, policy: StoredPolicy): Promise<void> {
  await tables(sql)
    .insertInto('policies')
    .values({
      version: policy.version,
      settings: JSON.stringify(policy.settings),
      document: policy.document,
      note: policy.note,
      deployed_at: policy.deployedAt,
      deployed_by: policy.deployedBy,
    })
    .execute()
}

/** The policy deployed last. */
export async function findCurrent(sql: Sql): Promise<StoredPolicy | undefined> {
  const row = await tables(sql)
    .selectFrom('policies')
    .selectAll()
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  return (
    row && {
      version: row.version,
      settings: PolicySettings.parse(JSON.parse(row.settings)),
      document: row.document,
      note: row.note,
      deployedAt: row.deployed_at,
      deployedBy: row.deployed_by,
    }
  )
}
