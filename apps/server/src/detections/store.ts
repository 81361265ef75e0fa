/** The detections' tables: what was found, and the steps of what became of it. A detection's state follows from its steps. */
import type {
  Detection,
  DetectionAction,
  DetectionState,
  DetectionStep,
  EventContent,
} from '@coreward/contracts'
import type { Generated, Selectable } from 'kysely'
import { after, formatCursor, holds, parseCursor, type Sql } from '../database/sql.ts'

export const detectionsSchema = `
CREATE TABLE detections (
  id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  hostname TEXT NOT NULL,
  state TEXT NOT NULL,
  path TEXT NOT NULL,
  inner_path TEXT,
  signature TEXT NOT NULL,
  severity TEXT NOT NULL,
  category TEXT NOT NULL,
  description TEXT,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  owner TEXT NOT NULL,
  mode INTEGER NOT NULL,
  modified_at TEXT NOT NULL,
  definitions_version TEXT NOT NULL,
  first_seen_at TEXT NOT NULL,
  last_seen_at TEXT NOT NULL,
  scan_id TEXT,
  quarantine_id TEXT,
  pending_action TEXT,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX detections_by_last_seen ON detections (last_seen_at, id);
CREATE INDEX detections_by_first_seen ON detections (first_seen_at);
CREATE INDEX detections_by_agent ON detections (agent_id, state);
CREATE INDEX detections_by_state ON detections (state, last_seen_at);
CREATE TABLE detections_sightings (
  detection_id TEXT NOT NULL,
  scan_id TEXT NOT NULL,
  PRIMARY KEY (scan_id, detection_id)
) STRICT;
CREATE TABLE detections_steps (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  agent_id TEXT NOT NULL,
  detection_id TEXT NOT NULL,
  at TEXT NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  actor TEXT,
  failure TEXT,
  quarantine_id TEXT
) STRICT;
CREATE INDEX detections_steps_by_detection ON detections_steps (detection_id, at, position);
`

interface DetectionsTable {
  id: string
  agent_id: string
  hostname: string
  state: DetectionState
  path: string
  inner_path: string | null
  signature: string
  severity: Detection['severity']
  category: string
  description: string | null
  sha256: string
  size: number
  owner: string
  mode: number
  modified_at: string
  definitions_version: string
  first_seen_at: string
  last_seen_at: string
  scan_id: string | null
  quarantine_id: string | null
  pending_action: DetectionAction | null
}

interface StepsTable {
  position: number
  agent_id: string
  detection_id: string
  at: string
  action: DetectionStep['action']
  outcome: DetectionStep['outcome']
  actor: string | null
  failure: string | null
  quarantine_id: string | null
}

/** What is stored of a detection itself. */
export type StoredDetection = Omit<Detection, 'steps'>

/** A step with the container that a quarantine made. */
export interface StoredStep extends DetectionStep {
  readonly quarantineId: string | null
}

/** What an agent says of a file in which something was found. */
export type Sighting = Extract<EventContent, { type: 'threat.detected' }>['data']

export interface DetectionFilter {
  readonly search?: string | undefined
  readonly agentId?: string | undefined
  readonly scanId?: string | undefined
  readonly state?: DetectionState | undefined
  readonly severity?: Detection['severity'] | undefined
  readonly firstSeenFrom?: string | undefined
  readonly firstSeenBefore?: string | undefined
}

const tables = (sql: Sql) =>
  sql.$extendTables<{
    detections: DetectionsTable
    detections_sightings: { detection_id: string; scan_id: string }
    detections_steps: Omit<StepsTable, 'position'> & {
      position: Generated<number>
    }
  }>()

/** Stores a detection, or what has changed of it. */
export async function putDetection(sql: Sql, detection: StoredDetection): Promise<void> {
  const row: DetectionsTable = {
    id: detection.id,
    agent_id: detection.agentId,
    hostname: detection.hostname,
    state: detection.state,
    path: detection.path,
    inner_path: detection.innerPath,
    signature: detection.signature,
    severity: detection.severity,
    category: detection.category,
    description: detection.description,
    sha256: detection.sha256,
    size: detection.size,
    owner: detection.owner,
    mode: detection.mode,
    modified_at: detection.modifiedAt,
    definitions_version: detection.definitionsVersion,
    first_seen_at: detection.firstSeenAt,
    last_seen_at: detection.lastSeenAt,
    scan_id: detection.scanId,
    quarantine_id: detection.quarantineId,
    pending_action: detection.pendingAction,
  }
  await tables(sql)
    .insertInto('detections')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
}

export async function findDetection(sql: Sql, id: string): Promise<StoredDetection | undefined> {
  const row = await tables(sql).selectFrom('detections').selectAll().where('id', '=', id).executeTakeFirst()
  return row && detectionOf(row)
}

/** Detections, last seen first. */
export async function listDetections(
  sql: Sql,
  filter: DetectionFilter,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ items: StoredDetection[]; total: number; next?: string }> {
  let query = filtered(sql, filter)
    .selectAll()
    .orderBy('last_seen_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
  if (page.cursor !== undefined)
    query = query.where(after('last_seen_at', 'id', parseCursor(page.cursor, 'string'), 'descending'))
  const rows = await query.execute()
  const last = rows[page.limit - 1]
  return {
    items: rows.slice(0, page.limit).map(detectionOf),
    total: await countDetections(sql, filter),
    ...(rows.length > page.limit && last ? { next: formatCursor([last.last_seen_at, last.id]) } : {}),
  }
}

export async function countDetections(sql: Sql, filter: DetectionFilter): Promise<number> {
  const row = await filtered(sql, filter)
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Notes that a scan has found it; a detection is found by many scans. */
export async function insertSighting(sql: Sql, detectionId: string, scanId: string): Promise<void> {
  await tables(sql)
    .insertInto('detections_sightings')
    .values({ detection_id: detectionId, scan_id: scanId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function insertStep(
  sql: Sql,
  agentId: string,
  detectionId: string,
  step: StoredStep,
): Promise<void> {
  await tables(sql)
    .insertInto('detections_steps')
    .values({
      agent_id: agentId,
      detection_id: detectionId,
      at: step.at,
      action: step.action,
      outcome: step.outcome,
      actor: step.by,
      failure: step.failure,
      quarantine_id: step.quarantineId,
    })
    .execute()
}

/** The steps of the detections named that their own agents told, oldest first. */
export async function listSteps(
  sql: Sql,
  detections: readonly { id: string; agentId: string }[],
): Promise<Map<string, StoredStep[]>> {
  const steps = new Map<string, StoredStep[]>(detections.map(({ id }) => [id, []]))
  if (detections.length === 0) return steps
  const owners = new Map(detections.map(({ id, agentId }) => [id, agentId]))
  const rows = await tables(sql)
    .selectFrom('detections_steps')
    .selectAll()
    .where('detection_id', 'in', [...owners.keys()])
    .orderBy('at')
    .orderBy('position')
    .execute()
  for (const row of rows) {
    if (owners.get(row.detection_id) !== row.agent_id) continue
    steps.get(row.detection_id)?.push({
      at: row.at,
      action: row.action,
      outcome: row.outcome,
      by: row.actor,
      failure: row.failure,
      quarantineId: row.quarantine_id,
    })
  }
  return steps
}

function filtered(sql: Sql, filter: DetectionFilter) {
  let query = tables(sql).selectFrom('detections')
  const { search, agentId, scanId, state, severity, firstSeenFrom, firstSeenBefore } = filter
  if (search)
    query = query.where(holds(['hostname', 'path', 'inner_path', 'signature', 'sha256', 'id'], search))
  if (agentId !== undefined) query = query.where('agent_id', '=', agentId)
  if (state !== undefined) query = query.where('state', '=', state)
  if (severity !== undefined) query = query.where('severity', '=', severity)
  if (firstSeenFrom !== undefined) query = query.where('first_seen_at', '>=', instant(firstSeenFrom))
  if (firstSeenBefore !== undefined) query = query.where('first_seen_at', '<', instant(firstSeenBefore))
  if (scanId !== undefined)
    query = query.where('id', 'in', (where) =>
      where.selectFrom('detections_sightings').select('detection_id').where('scan_id', '=', scanId),
    )
  return query
}

/** Times are compared as text, so they all have the one form. */
const instant = (text: string) => new Date(text).toISOString()

function detectionOf(row: Selectable<DetectionsTable>): StoredDetection {
  return {
    id: row.id,
    agentId: row.agent_id,
    hostname: row.hostname,
    state: row.state,
    path: row.path,
    innerPath: row.inner_path,
    signature: row.signature,
    severity: row.severity,
    category: row.category,
    description: row.description,
    sha256: row.sha256,
    size: row.size,
    owner: row.owner,
    mode: row.mode,
    modifiedAt: row.modified_at,
    definitionsVersion: row.definitions_version,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    scanId: row.scan_id,
    quarantineId: row.quarantine_id,
    pendingAction: row.pending_action,
  }
}
