/** The scans' table: each scan that was asked for or that an agent told of. How far one is stands in no table. */
import { type Scan, ScanSummary } from '@coreward/contracts'
import type { Selectable } from 'kysely'
import { after, formatCursor, holds, parseCursor, type Sql } from '../database/sql.ts'

export const scansSchema = `
CREATE TABLE scans (
  id TEXT PRIMARY KEY,
  agent_id TEXT NOT NULL,
  hostname TEXT NOT NULL,
  kind TEXT NOT NULL,
  paths TEXT NOT NULL,
  scan_trigger TEXT NOT NULL,
  requested_by TEXT,
  state TEXT NOT NULL,
  requested_at TEXT NOT NULL,
  started_at TEXT,
  finished_at TEXT,
  summary TEXT,
  failure TEXT
) STRICT;
CREATE INDEX scans_by_time ON scans (requested_at, id);
CREATE INDEX scans_by_agent ON scans (agent_id, requested_at);
CREATE INDEX scans_by_state ON scans (state, requested_at);
`

interface ScansTable {
  id: string
  agent_id: string
  hostname: string
  kind: Scan['kind']
  paths: string
  scan_trigger: Scan['trigger']
  requested_by: string | null
  state: Scan['state']
  requested_at: string
  started_at: string | null
  finished_at: string | null
  summary: string | null
  failure: string | null
}

/** What is stored of a scan. */
export type StoredScan = Omit<Scan, 'progress'>

export interface ScanFilter {
  readonly search?: string | undefined
  readonly agentId?: string | undefined
  readonly state?: Scan['state'] | undefined
  readonly kind?: Scan['kind'] | undefined
}

const tables = (sql: Sql) => sql.$extendTables<{ scans: ScansTable }>()

/** Stores a scan, or what has changed of it. */
export async function putScan(sql: Sql, scan: StoredScan): Promise<void> {
  const row = {
    id: scan.id,
    agent_id: scan.agentId,
    hostname: scan.hostname,
    kind: scan.kind,
    paths: JSON.stringify(scan.paths),
    scan_trigger: scan.trigger,
    requested_by: scan.requestedBy,
    state: scan.state,
    requested_at: scan.requestedAt,
    started_at: scan.startedAt,
    finished_at: scan.finishedAt,
    summary: scan.summary === null ? null : JSON.stringify(scan.summary),
    failure: scan.failure,
  }
  await tables(sql)
    .insertInto('scans')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
}

export async function findScan(sql: Sql, id: string): Promise<StoredScan | undefined> {
  const row = await tables(sql).selectFrom('scans').selectAll().where('id', '=', id).executeTakeFirst()
  return row && scanOf(row)
}

/** Scans, newest first. */
export async function listScans(
  sql: Sql,
  filter: ScanFilter,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ items: StoredScan[]; total: number; next?: string }> {
  let query = filtered(sql, filter)
    .selectAll()
    .orderBy('requested_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
  if (page.cursor !== undefined)
    query = query.where(after('requested_at', 'id', parseCursor(page.cursor, 'string'), 'descending'))
  const rows = await query.execute()
  const last = rows[page.limit - 1]
  return {
    items: rows.slice(0, page.limit).map(scanOf),
    total: await countScans(sql, filter),
    ...(rows.length > page.limit && last ? { next: formatCursor([last.requested_at, last.id]) } : {}),
  }
}

export async function countScans(sql: Sql, filter: ScanFilter): Promise<number> {
  const row = await filtered(sql, filter)
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Scans of an agent that are not over. */
export async function listUnfinished(sql: Sql, agentId: string): Promise<StoredScan[]> {
  const query = tables(sql).selectFrom('scans').selectAll().where('agent_id', '=', agentId)
  return (await query.where('state', 'in', ['requested', 'running']).execute()).map(scanOf)
}

function filtered(sql: Sql, filter: ScanFilter) {
  let query = tables(sql).selectFrom('scans')
  if (filter.search) query = query.where(holds(['hostname', 'paths', 'id'], filter.search))
  if (filter.agentId !== undefined) query = query.where('agent_id', '=', filter.agentId)
  if (filter.state !== undefined) query = query.where('state', '=', filter.state)
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind)
  return query
}

function scanOf(row: Selectable<ScansTable>): StoredScan {
  return {
    id: row.id,
    agentId: row.agent_id,
    hostname: row.hostname,
    kind: row.kind,
    paths: JSON.parse(row.paths),
    trigger: row.scan_trigger,
    requestedBy: row.requested_by,
    state: row.state,
    requestedAt: row.requested_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    summary: row.summary === null ? null : ScanSummary.parse(JSON.parse(row.summary)),
    failure: row.failure,
  }
}
