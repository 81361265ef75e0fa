/**
 * Scans: asked for by an operator or told of by an agent. What an agent says in an event goes before what we assumed; an event
 * that arrives late never brings a scan back. Progress passes through memory and is forgotten when the scan is over.
 */
import { randomUUID } from 'node:crypto'
import type {
  CommandOrder,
  CommandOutcome,
  EventContent,
  PageQuery,
  Scan,
  ScanProgress,
  ScanRequest,
} from '@coreward/contracts'
import type { Agents } from '../agents/agents.ts'
import type { Commands } from '../commands/commands.ts'
import type { Change, MakeChange } from '../database/change.ts'
import type { Sql } from '../database/sql.ts'
import { ServerError } from '../server-error.ts'
import * as store from './store.ts'

export interface ScansNeeds {
  readonly sql: Sql
  readonly change: MakeChange
  readonly agents: Pick<Agents, 'read' | 'readEnrolled' | 'noteScan'>
  readonly commands: Pick<Commands, 'issue' | 'withdraw'>
  /** Tells the consoles outside any change. */
  readonly tellProgress: (agentId: string, progress: ScanProgress) => void
  readonly now?: () => Date
}

export type ScanQuery = PageQuery & store.ScanFilter
export type Scans = ReturnType<typeof createScans>

/** An event about a scan, with whose it is and when it happened. */
export interface ScanEvent {
  readonly agentId: string
  readonly hostname: string
  readonly occurredAt: string
  readonly content: Extract<EventContent, { type: 'scan.started' | 'scan.finished' }>
}

const isOver = (state: Scan['state']) => state !== 'requested' && state !== 'running'

/** The rules for scans. */
export function createScans(needs: ScansNeeds) {
  const now = needs.now ?? (() => new Date())
  const progress = new Map<string, ScanProgress>()
  const complete = (scan: store.StoredScan): Scan => ({ ...scan, progress: progress.get(scan.id) ?? null })

  const read = async (sql: Sql, scanId: string): Promise<store.StoredScan> => {
    const scan = await store.findScan(sql, scanId)
    if (scan === undefined)
      throw new ServerError('scan.unknown', `There is no scan ${scanId}; look for it in the list of scans.`)
    return scan
  }

  const put = async (change: Change, scan: store.StoredScan): Promise<void> => {
    await store.putScan(change.sql, scan)
    const { id, agentId, kind, state, finishedAt, summary } = scan
    await needs.agents.noteScan(change, agentId, { id, kind, state, finishedAt, summary }, scan.requestedAt)
    change.tell({ kind: 'scan', scanId: id, agentId })
    if (isOver(state)) change.afterwards(() => progress.delete(id))
  }

  const finish = (change: Change, scan: store.StoredScan, state: Scan['state'], failure: string | null) =>
    put(change, { ...scan, state, failure, finishedAt: now().toISOString() })

  return {
    /** Asks an agent to scan. Throws `agent.unknown` or `certificate.revoked`. */
    async start(agentId: string, request: ScanRequest, username: string): Promise<Scan> {
      const scanId = randomUUID()
      await needs.change(async (change) => {
        const agent = await needs.agents.readEnrolled(change.sql, agentId)
        await put(change, {
          id: scanId,
          agentId,
          hostname: agent.host.hostname,
          kind: request.kind,
          paths: request.paths,
          trigger: 'console',
          requestedBy: username,
          state: 'requested',
          requestedAt: now().toISOString(),
          startedAt: null,
          finishedAt: null,
          summary: null,
          failure: null,
        })
        await needs.commands.issue(change, agentId, { kind: 'scan', scanId, request })
      })
      return complete(await read(needs.sql, scanId))
    },

    /**
     * Asks the agent to stop a scan. One that the agent has not taken yet is cancelled at once. Throws `scan.unknown` or
     * `scan.over`.
     */
    async cancel(scanId: string): Promise<Scan> {
      await needs.change(async (change) => {
        const scan = await read(change.sql, scanId)
        if (isOver(scan.state))
          throw new ServerError(
            'scan.over',
            `The scan of ${scan.hostname} is ${scan.state}; there is nothing to cancel.`,
          )
        if (scan.state === 'requested') {
          await needs.commands.withdraw(change, scanId)
          await finish(change, scan, 'cancelled', null)
        }
        // Also when it was only requested: the agent may have been handed the command and not have answered yet.
        await needs.commands.issue(change, scan.agentId, { kind: 'cancel-scan', scanId })
      })
      return complete(await read(needs.sql, scanId))
    },

    /** One scan. Throws `scan.unknown`. */
    read: async (scanId: string) => complete(await read(needs.sql, scanId)),

    async list(query: ScanQuery): Promise<{ items: Scan[]; total: number; next?: string }> {
      const page = await store.listScans(needs.sql, query, query)
      return { ...page, items: page.items.map(complete) }
    },

    /** How many scans `list` would give for a query. */
    count: (filter: store.ScanFilter) => store.countScans(needs.sql, filter),

    /** Notes how far a running scan of an agent is. Throws `scan.unknown` for one of another agent or one that is over. */
    async reportProgress(agentId: string, scanId: string, report: ScanProgress): Promise<void> {
      const scan = await store.findScan(needs.sql, scanId)
      if (scan === undefined || scan.agentId !== agentId || isOver(scan.state) || report.scanId !== scanId)
        throw new ServerError('scan.unknown', `This agent has no running scan ${scanId}.`)
      progress.set(scanId, report)
      needs.tellProgress(agentId, report)
    },

    /** Takes in what an agent says of a scan. Its word at the end is final, also about a scan we had given up. */
    async record(change: Change, event: ScanEvent): Promise<void> {
      const { content, agentId, hostname, occurredAt } = event
      const { scanId, kind, paths, trigger } = content.data
      const before = await store.findScan(change.sql, scanId)
      if (before !== undefined && (before.agentId !== agentId || before.summary !== null)) return
      const scan: store.StoredScan = before ?? {
        id: scanId,
        agentId,
        hostname,
        kind,
        paths,
        trigger,
        requestedBy: null,
        state: 'running',
        requestedAt: content.type === 'scan.finished' ? content.data.summary.startedAt : occurredAt,
        startedAt: null,
        finishedAt: null,
        summary: null,
        failure: null,
      }
      if (content.type === 'scan.started') {
        if (isOver(scan.state)) return
        await put(change, { ...scan, state: 'running', startedAt: occurredAt })
      } else {
        const { state, summary, failure } = content.data
        const { startedAt, finishedAt } = summary
        await put(change, { ...scan, state, summary, failure, startedAt, finishedAt })
      }
    },

    /** Takes in what became of a command about a scan. */
    async settle(
      change: Change,
      order: Extract<CommandOrder, { kind: 'scan' | 'cancel-scan' }>,
      outcome: CommandOutcome,
    ): Promise<void> {
      const scan = await store.findScan(change.sql, order.scanId)
      if (scan === undefined || isOver(scan.state) || order.kind === 'cancel-scan') return
      if (outcome.outcome === 'failed')
        return finish(change, scan, 'failed', outcome.failure ?? 'The agent gave no reason.')
      if (scan.state === 'requested')
        await put(change, { ...scan, state: 'running', startedAt: now().toISOString() })
    },

    /** Ends what an agent that was revoked had still to do: nothing more will be heard of it. */
    async abandon(change: Change, agentId: string): Promise<void> {
      for (const scan of await store.listUnfinished(change.sql, agentId))
        await finish(change, scan, 'interrupted', 'The agent was revoked.')
    },
  }
}
