/**
 * The agents' table: what each host last said of itself, and beside it the two numbers that lists filter by and other slices
 * keep up to date through agents.ts.
 */
import { type Agent, type Heartbeat, HostFacts, LastScan } from '@coreward/contracts'
import { type Selectable, sql } from 'kysely'
import { after, formatCursor, holds, parseCursor, type Sql } from '../database/sql.ts'

export const agentsSchema = `
CREATE TABLE agents (
  id TEXT PRIMARY KEY,
  hostname TEXT NOT NULL,
  host TEXT NOT NULL,
  versions TEXT NOT NULL,
  policy_version INTEGER,
  definitions_version TEXT,
  state TEXT NOT NULL,
  worst TEXT NOT NULL,
  findings TEXT NOT NULL,
  processes TEXT NOT NULL,
  spooled_events INTEGER NOT NULL,
  quarantined_files INTEGER NOT NULL,
  enrolled_at TEXT NOT NULL,
  last_seen_at TEXT,
  certificate_expires_at TEXT NOT NULL,
  last_scan TEXT,
  last_scan_at TEXT,
  active_detections INTEGER NOT NULL
) STRICT;
CREATE INDEX agents_by_hostname ON agents (hostname, id);
CREATE INDEX agents_by_last_seen ON agents (last_seen_at);
`

/** The worst of an agent's findings. */
export type Worst = 'healthy' | 'warning' | 'critical'

interface AgentsTable {
  id: string
  hostname: string
  host: string
  versions: string
  policy_version: number | null
  definitions_version: string | null
  state: 'enrolled' | 'revoked'
  worst: Worst
  findings: string
  processes: string
  spooled_events: number
  quarantined_files: number
  enrolled_at: string
  last_seen_at: string | null
  certificate_expires_at: string
  last_scan: string | null
  last_scan_at: string | null
  active_detections: number
}

/** What is stored of an agent. */
export type StoredAgent = Omit<Agent, 'health' | 'online' | 'policyCurrent' | 'definitionsCurrent'> & {
  readonly worst: Worst
}

/** What decides which agents are in a list. A version that is null is not asked about. */
export interface AgentFilter {
  readonly search?: string | undefined
  readonly health?: Agent['health'] | undefined
  readonly withDetections?: boolean | undefined
  readonly otherPolicyThan?: number | undefined
  readonly otherDefinitionsThan?: string | undefined
  /** An agent last heard of before this is `unknown`. */
  readonly heardSince: string
}

const tables = (sql: Sql) => sql.$extendTables<{ agents: AgentsTable }>()

export async function insertAgent(
  sql: Sql,
  agent: { id: string; host: HostFacts; enrolledAt: string; certificateExpiresAt: string },
): Promise<void> {
  await tables(sql)
    .insertInto('agents')
    .values({
      id: agent.id,
      hostname: agent.host.hostname,
      host: JSON.stringify(agent.host),
      versions: JSON.stringify({ agent: '', node: '', engineLayout: 0, definitions: null, policy: null }),
      state: 'enrolled',
      worst: 'healthy',
      findings: '[]',
      processes: '[]',
      spooled_events: 0,
      quarantined_files: 0,
      enrolled_at: agent.enrolledAt,
      certificate_expires_at: agent.certificateExpiresAt,
      active_detections: 0,
    })
    .execute()
}

export async function findAgent(sql: Sql, id: string): Promise<StoredAgent | undefined> {
  const row = await tables(sql).selectFrom('agents').selectAll().where('id', '=', id).executeTakeFirst()
  return row && agentOf(row)
}

/** Agents by hostname, then id. */
export async function listAgents(
  sql: Sql,
  filter: AgentFilter,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ items: StoredAgent[]; total: number; next?: string }> {
  let query = filtered(sql, filter)
    .selectAll()
    .orderBy('hostname')
    .orderBy('id')
    .limit(page.limit + 1)
  if (page.cursor !== undefined)
    query = query.where(after('hostname', 'id', parseCursor(page.cursor, 'string'), 'ascending'))
  const rows = await query.execute()
  const last = rows[page.limit - 1]
  return {
    items: rows.slice(0, page.limit).map(agentOf),
    total: await countAgents(sql, filter),
    ...(rows.length > page.limit && last ? { next: formatCursor([last.hostname, last.id]) } : {}),
  }
}

export async function countAgents(sql: Sql, filter: AgentFilter): Promise<number> {
  const row = await filtered(sql, filter)
    .select((all) => all.fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** How many enrolled agents there are, and how many of them report this policy. */
export async function countPolicy(sql: Sql, version: number): Promise<{ applied: number; total: number }> {
  const row = await tables(sql)
    .selectFrom('agents')
    .where('state', '=', 'enrolled')
    .select(({ fn }) => [
      fn.countAll().as('total'),
      fn.countAll().filterWhere('policy_version', '=', version).as('applied'),
    ])
    .executeTakeFirstOrThrow()
  return { applied: Number(row.applied), total: Number(row.total) }
}

/** How many enrolled agents report each set of definitions. */
export async function countDefinitions(sql: Sql): Promise<Map<string, number>> {
  const rows = await tables(sql)
    .selectFrom('agents')
    .where('state', '=', 'enrolled')
    .where('definitions_version', 'is not', null)
    .groupBy('definitions_version')
    .select(({ fn }) => ['definitions_version', fn.countAll().as('count')])
    .execute()
  return new Map(rows.map((row) => [row.definitions_version ?? '', Number(row.count)]))
}

export async function updateHeartbeat(
  sql: Sql,
  id: string,
  heartbeat: Heartbeat,
  seen: { worst: Worst; at: string },
): Promise<void> {
  await tables(sql)
    .updateTable('agents')
    .set({
      hostname: heartbeat.host.hostname,
      host: JSON.stringify(heartbeat.host),
      versions: JSON.stringify(heartbeat.versions),
      policy_version: heartbeat.versions.policy,
      definitions_version: heartbeat.versions.definitions,
      worst: seen.worst,
      findings: JSON.stringify(heartbeat.findings),
      processes: JSON.stringify(heartbeat.processes),
      spooled_events: heartbeat.spooledEvents,
      quarantined_files: heartbeat.quarantinedFiles,
      last_seen_at: seen.at,
    })
    .where('id', '=', id)
    .execute()
}

export async function updateState(sql: Sql, id: string, state: Agent['state']): Promise<void> {
  await tables(sql).updateTable('agents').set({ state }).where('id', '=', id).execute()
}

export async function updateCertificate(sql: Sql, id: string, expiresAt: string): Promise<void> {
  const change = { certificate_expires_at: expiresAt }
  await tables(sql).updateTable('agents').set(change).where('id', '=', id).execute()
}

/** Keeps the newest scan only: one that began before the one stored changes nothing. */
export async function updateLastScan(sql: Sql, id: string, scan: LastScan, beganAt: string): Promise<void> {
  await tables(sql)
    .updateTable('agents')
    .set({ last_scan: JSON.stringify(scan), last_scan_at: beganAt })
    .where('id', '=', id)
    .where((where) => where.or([where('last_scan_at', 'is', null), where('last_scan_at', '<=', beganAt)]))
    .execute()
}

export async function updateActiveDetections(sql: Sql, id: string, count: number): Promise<void> {
  await tables(sql).updateTable('agents').set({ active_detections: count }).where('id', '=', id).execute()
}

function filtered(database: Sql, filter: AgentFilter) {
  let query = tables(database).selectFrom('agents')
  if (filter.search) query = query.where(holds(['hostname', 'host', 'id'], filter.search))
  if (filter.health === 'unknown')
    query = query.where((where) =>
      where.or([
        where('state', '=', 'revoked'),
        where('last_seen_at', 'is', null),
        where('last_seen_at', '<', filter.heardSince),
      ]),
    )
  else if (filter.health !== undefined)
    query = query
      .where('state', '=', 'enrolled')
      .where('worst', '=', filter.health)
      .where('last_seen_at', '>=', filter.heardSince)
  if (filter.withDetections) query = query.where('active_detections', '>', 0)
  if (filter.otherPolicyThan !== undefined)
    query = query
      .where('state', '=', 'enrolled')
      .where(sql<boolean>`COALESCE(policy_version, 0) <> ${filter.otherPolicyThan}`)
  if (filter.otherDefinitionsThan !== undefined)
    query = query
      .where('state', '=', 'enrolled')
      .where(sql<boolean>`COALESCE(definitions_version, '') <> ${filter.otherDefinitionsThan}`)
  return query
}

function agentOf(row: Selectable<AgentsTable>): StoredAgent {
  return {
    id: row.id,
    host: HostFacts.parse(JSON.parse(row.host)),
    versions: JSON.parse(row.versions),
    state: row.state,
    worst: row.worst,
    findings: JSON.parse(row.findings),
    processes: JSON.parse(row.processes),
    spooledEvents: row.spooled_events,
    quarantinedFiles: row.quarantined_files,
    enrolledAt: row.enrolled_at,
    lastSeenAt: row.last_seen_at,
    certificateExpiresAt: row.certificate_expires_at,
    lastScan: row.last_scan === null ? null : LastScan.parse(JSON.parse(row.last_scan)),
    activeDetections: row.active_detections,
  }
}
