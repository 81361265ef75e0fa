/** The events' table: what agents said, each exactly once. Rows are never changed. */
import { type AgentEvent, EventContent, eventNumbers, type RecordedEvent } from '@coreward/contracts'
import type { Generated, Selectable } from 'kysely'
import { after, formatCursor, holds, parseCursor, type Sql } from '../database/sql.ts'

export const eventsSchema = `
CREATE TABLE events (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  agent_id TEXT NOT NULL,
  id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  hostname TEXT NOT NULL,
  occurred_at TEXT NOT NULL,
  received_at TEXT NOT NULL,
  type TEXT NOT NULL,
  scan_id TEXT,
  content TEXT NOT NULL,
  UNIQUE (agent_id, id)
) STRICT;
CREATE INDEX events_by_time ON events (occurred_at, position);
CREATE INDEX events_by_agent ON events (agent_id, occurred_at);
CREATE INDEX events_by_scan ON events (scan_id, occurred_at);
CREATE INDEX events_by_type ON events (type, occurred_at);
`

interface EventsTable {
  position: Generated<number>
  agent_id: string
  id: string
  sequence: number
  hostname: string
  occurred_at: string
  received_at: string
  type: string
  scan_id: string | null
  content: string
}

export interface EventFilter {
  readonly search?: string | undefined
  readonly agentId?: string | undefined
  readonly scanId?: string | undefined
  readonly type?: string | undefined
}

const tables = (sql: Sql) => sql.$extendTables<{ events: EventsTable }>()

/** Stores an event; false when this agent's event of that id is stored already. */
export async function insertEvent(
  sql: Sql,
  event: AgentEvent & { agentId: string; hostname: string; receivedAt: string },
): Promise<boolean> {
  const { content } = event
  const result = await tables(sql)
    .insertInto('events')
    .values({
      agent_id: event.agentId,
      id: event.id,
      sequence: event.sequence,
      hostname: event.hostname,
      occurred_at: event.occurredAt,
      received_at: event.receivedAt,
      type: content.type,
      scan_id: 'scanId' in content.data ? content.data.scanId : null,
      content: JSON.stringify(content),
    })
    .onConflict((conflict) => conflict.columns(['agent_id', 'id']).doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Events, newest first. */
export async function listEvents(
  sql: Sql,
  filter: EventFilter,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ items: RecordedEvent[]; total: number; next?: string }> {
  let query = filtered(sql, filter)
    .selectAll()
    .orderBy('occurred_at', 'desc')
    .orderBy('position', 'desc')
    .limit(page.limit + 1)
  if (page.cursor !== undefined)
    query = query.where(after('occurred_at', 'position', parseCursor(page.cursor, 'number'), 'descending'))
  const rows = await query.execute()
  const last = rows[page.limit - 1]
  const total = await filtered(sql, filter)
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  return {
    items: rows.slice(0, page.limit).map(eventOf),
    total: Number(total.count),
    ...(rows.length > page.limit && last ? { next: formatCursor([last.occurred_at, last.position]) } : {}),
  }
}

function filtered(sql: Sql, filter: EventFilter) {
  let query = tables(sql).selectFrom('events')
  if (filter.search) query = query.where(holds(['hostname', 'type', 'content'], filter.search))
  if (filter.agentId !== undefined) query = query.where('agent_id', '=', filter.agentId)
  if (filter.scanId !== undefined) query = query.where('scan_id', '=', filter.scanId)
  if (filter.type !== undefined) query = query.where('type', '=', filter.type)
  return query
}

function eventOf(row: Selectable<EventsTable>): RecordedEvent {
  const content = EventContent.parse(JSON.parse(row.content))
  return {
    id: row.id,
    sequence: row.sequence,
    occurredAt: row.occurred_at,
    content,
    agentId: row.agent_id,
    hostname: row.hostname,
    number: eventNumbers[content.type],
    receivedAt: row.received_at,
  }
}
