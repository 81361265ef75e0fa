/** The definitions' tables: every set that was published, and the assignment each agent was last given. */
import { DefinitionsAccount, type DefinitionsSummary } from '@coreward/contracts'
import { sql as raw, type Selectable } from 'kysely'
import { z } from 'zod'
import type { Sql } from '../database/sql.ts'

export const definitionsSchema = `
CREATE TABLE definitions_sets (
  version TEXT PRIMARY KEY,
  target TEXT NOT NULL UNIQUE,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  counts TEXT NOT NULL,
  refused_count INTEGER NOT NULL,
  refused TEXT NOT NULL,
  source TEXT NOT NULL,
  source_sha256 TEXT NOT NULL,
  created_at TEXT NOT NULL,
  published_at TEXT NOT NULL
) STRICT;
CREATE TABLE definitions_assignments (
  agent_id TEXT PRIMARY KEY,
  sequence INTEGER NOT NULL UNIQUE,
  version TEXT NOT NULL,
  document TEXT NOT NULL
) STRICT;
`

/** What is known of a set beside its first columns: the rest of its account. */
export const definitionsDetailsColumn = `ALTER TABLE definitions_sets ADD COLUMN details TEXT NOT NULL DEFAULT '{}';`

interface SetsTable {
  version: string
  target: string
  sha256: string
  bytes: number
  counts: string
  refused_count: number
  refused: string
  source: string
  source_sha256: string
  created_at: string
  published_at: string
  details: string
}

interface AssignmentsTable {
  agent_id: string
  sequence: number
  version: string
  document: string
}

/** A published set. `sourceSha256` is of the texts it was compiled from. */
export interface StoredSet extends DefinitionsSummary {
  readonly target: string
  readonly source: string
  readonly sourceSha256: string
  readonly publishedAt: string
}

const tables = (sql: Sql) =>
  sql.$extendTables<{ definitions_sets: SetsTable; definitions_assignments: AssignmentsTable }>()

export async function insertSet(sql: Sql, set: StoredSet): Promise<void> {
  const { refusedKinds, skipped, ignored, unsupported, sets } = set
  await tables(sql)
    .insertInto('definitions_sets')
    .values({
      version: set.version,
      target: set.target,
      sha256: set.sha256,
      bytes: set.bytes,
      counts: JSON.stringify(set.counts),
      refused_count: set.refusedCount,
      refused: JSON.stringify(set.refused),
      source: set.source,
      source_sha256: set.sourceSha256,
      created_at: set.createdAt,
      published_at: set.publishedAt,
      details: JSON.stringify({ refusedKinds, skipped, ignored, unsupported, sets }),
    })
    .execute()
}

/** Published sets, newest first. */
export async function listSets(sql: Sql, limit: number): Promise<StoredSet[]> {
  // By the order they came in, not by a clock that may have been put back since. Rows are never deleted.
  const query = tables(sql).selectFrom('definitions_sets').selectAll().orderBy(raw`rowid`, 'desc')
  return (await query.limit(limit).execute()).map(setOf)
}

/** The versions that begin so. */
export async function listVersions(sql: Sql, prefix: string): Promise<string[]> {
  const query = tables(sql).selectFrom('definitions_sets').select('version')
  const rows = await query.where('version', '>=', prefix).where('version', '<', `${prefix}~`).execute()
  return rows.map(({ version }) => version)
}

export async function findAssignment(
  sql: Sql,
  agentId: string,
): Promise<{ version: string; document: string } | undefined> {
  const query = tables(sql).selectFrom('definitions_assignments').select(['version', 'document'])
  return query.where('agent_id', '=', agentId).executeTakeFirst()
}

/** The targets that agents are assigned at present. */
export async function assignedTargets(sql: Sql): Promise<string[]> {
  const query = tables(sql)
    .selectFrom('definitions_assignments')
    .innerJoin('definitions_sets', 'definitions_sets.version', 'definitions_assignments.version')
    .select('definitions_sets.target')
    .distinct()
  return (await query.execute()).map(({ target }) => target)
}

/** The highest number that any assignment has had. A row is replaced only by one with a higher number, so none is lost. */
export async function lastSequence(sql: Sql): Promise<number> {
  const row = await tables(sql)
    .selectFrom('definitions_assignments')
    .select(({ fn }) => fn.max('sequence').as('last'))
    .executeTakeFirst()
  return Number(row?.last ?? 0)
}

export async function putAssignment(
  sql: Sql,
  assignment: { agentId: string; sequence: number; version: string; document: string },
): Promise<void> {
  const { agentId, sequence, version, document } = assignment
  await tables(sql)
    .insertInto('definitions_assignments')
    .values({ agent_id: agentId, sequence, version, document })
    .onConflict((conflict) => conflict.column('agent_id').doUpdateSet({ sequence, version, document }))
    .execute()
}

const Details = z.record(z.string(), z.unknown())

function setOf(row: Selectable<SetsTable>): StoredSet {
  return {
    version: row.version,
    target: row.target,
    sha256: row.sha256,
    bytes: row.bytes,
    ...DefinitionsAccount.parse({
      ...Details.parse(JSON.parse(row.details)),
      counts: JSON.parse(row.counts),
      refusedCount: row.refused_count,
      refused: JSON.parse(row.refused),
    }),
    source: row.source,
    sourceSha256: row.source_sha256,
    createdAt: row.created_at,
    publishedAt: row.published_at,
  }
}
