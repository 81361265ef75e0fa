/**
 * An event's last stretch: POST → one transaction that stores it and lets the slices it concerns take it in → answer. An event
 * that is stored already is counted as known and has no effect a second time, so an agent may send until it is answered.
 */
import type { AgentEvent, PageQuery, RecordedEvent } from '@coreward/contracts'
import type { Agents } from '../agents/agents.ts'
import type { Change, MakeChange } from '../database/change.ts'
import type { Sql } from '../database/sql.ts'
import type { Detections } from '../detections/detections.ts'
import type { Scans } from '../scans/scans.ts'
import * as store from './store.ts'

export interface EventsNeeds {
  readonly sql: Sql
  readonly change: MakeChange
  readonly agents: Pick<Agents, 'readEnrolled'>
  readonly detections: Pick<Detections, 'record'>
  readonly scans: Pick<Scans, 'record'>
  readonly now?: () => Date
}

export type EventQuery = PageQuery & store.EventFilter
export type Events = ReturnType<typeof createEvents>

/** The rules for events. */
export function createEvents(needs: EventsNeeds) {
  const now = needs.now ?? (() => new Date())

  const takeIn = async (change: Change, origin: { agentId: string; hostname: string }, event: AgentEvent) => {
    const { content, occurredAt } = event
    switch (content.type) {
      case 'threat.detected':
      case 'threat.action':
        return needs.detections.record(change, { ...origin, occurredAt, content })
      case 'scan.started':
      case 'scan.finished':
        return needs.scans.record(change, { ...origin, occurredAt, content })
      default:
        return undefined
    }
  }

  return {
    /**
     * Stores events with all their effects, or none of them. When this resolves they are durable. Throws
     * `certificate.revoked`; a full disk is told as `storage.full`.
     */
    record: (agentId: string, events: readonly AgentEvent[]): Promise<{ recorded: number; known: number }> =>
      needs.change(async (change) => {
        const { host } = await needs.agents.readEnrolled(change.sql, agentId)
        const origin = { agentId, hostname: host.hostname }
        let recorded = 0
        for (const event of events) {
          // One form of time everywhere, because times are compared as text.
          const occurredAt = new Date(event.occurredAt).toISOString()
          const stored = { ...event, ...origin, occurredAt, receivedAt: now().toISOString() }
          if (!(await store.insertEvent(change.sql, stored))) continue
          recorded++
          await takeIn(change, origin, stored)
        }
        if (recorded > 0) change.tell({ kind: 'events', agentId })
        return { recorded, known: events.length - recorded }
      }),

    list: (query: EventQuery): Promise<{ items: RecordedEvent[]; total: number; next?: string }> =>
      store.listEvents(needs.sql, query, query),
  }
}
