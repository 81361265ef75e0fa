/**
 * Detections: what was found where, and what has become of it. Agents' events may come in any order and again: a detection's
 * state is what its steps, in the order they happened, lead to. An operator's wish is pending until the agent tells how it went.
 */
import type {
  CommandOrder,
  CommandOutcome,
  Detection,
  DetectionAction,
  DetectionState,
  EventContent,
  PageQuery,
} from '@coreward/contracts'
import type { Agents } from '../agents/agents.ts'
import type { Commands } from '../commands/commands.ts'
import type { Change, MakeChange } from '../database/change.ts'
import type { Sql } from '../database/sql.ts'
import { ServerError } from '../server-error.ts'
import * as store from './store.ts'

export interface DetectionsNeeds {
  readonly sql: Sql
  readonly change: MakeChange
  readonly agents: Pick<Agents, 'readEnrolled' | 'noteActiveDetections'>
  readonly commands: Pick<Commands, 'issue'>
  readonly now?: () => Date
}

export type DetectionQuery = PageQuery & store.DetectionFilter
export type Detections = ReturnType<typeof createDetections>
type Wish = Exclude<DetectionAction, 'report'>

/** An event about a detection, with whose it is and when it happened. */
export interface ThreatEvent {
  readonly agentId: string
  readonly hostname: string
  readonly occurredAt: string
  readonly content: Extract<EventContent, { type: 'threat.detected' | 'threat.action' }>
}

/** Where the file has to be for what is wished. */
const allowedFrom: Readonly<Record<Wish, readonly DetectionState[]>> = {
  quarantine: ['active', 'restored'],
  restore: ['quarantined'],
  delete: ['active', 'restored', 'quarantined'],
}

const leadsTo: Readonly<Record<Wish, DetectionState>> = {
  quarantine: 'quarantined',
  restore: 'restored',
  delete: 'deleted',
}

/** Where a file is after these steps, in the order they happened; undefined before the first. */
function whereabouts(
  steps: readonly store.StoredStep[],
): { state: DetectionState; quarantineId: string | null } | undefined {
  let found: { state: DetectionState; quarantineId: string | null } | undefined
  for (const { action, outcome, quarantineId } of steps) {
    if (outcome !== 'succeeded' || action === 'report') continue
    if (action === 'detected') found = { state: 'active', quarantineId: null }
    else found = { state: leadsTo[action], quarantineId: action === 'quarantine' ? quarantineId : null }
  }
  return found
}

/** The rules for detections. */
export function createDetections(needs: DetectionsNeeds) {
  const now = needs.now ?? (() => new Date())

  const complete = async (sql: Sql, detections: readonly store.StoredDetection[]): Promise<Detection[]> => {
    const steps = await store.listSteps(sql, detections)
    return detections.map((detection) => ({ ...detection, steps: steps.get(detection.id) ?? [] }))
  }

  const find = async (sql: Sql, id: string): Promise<store.StoredDetection> => {
    const detection = await store.findDetection(sql, id)
    if (detection === undefined)
      throw new ServerError('detection.unknown', `There is no detection ${id}; look for it in the list.`)
    return detection
  }
  const read = async (id: string): Promise<Detection> => {
    const [detection] = await complete(needs.sql, [await find(needs.sql, id)])
    return detection as Detection
  }

  /** Stores a detection where its steps say it is, and its agent's count with it. */
  const put = async (change: Change, detection: store.StoredDetection): Promise<void> => {
    const steps = (await store.listSteps(change.sql, [detection])).get(detection.id) ?? []
    await store.putDetection(change.sql, { ...detection, ...whereabouts(steps) })
    const active = await store.countDetections(change.sql, { agentId: detection.agentId, state: 'active' })
    await needs.agents.noteActiveDetections(change, detection.agentId, active)
    change.tell({ kind: 'detection', detectionId: detection.id, agentId: detection.agentId })
  }

  const sight = async (change: Change, event: ThreatEvent, sighting: store.Sighting): Promise<void> => {
    const { agentId, hostname, occurredAt } = event
    const { detectionId: id, plannedAction: _, ...file } = sighting
    const before = await store.findDetection(change.sql, id)
    // Ids are made by agents; one that names another agent's detection must not touch it.
    if (before !== undefined && before.agentId !== agentId) return
    if (file.scanId !== null) await store.insertSighting(change.sql, id, file.scanId)
    const steps = (await store.listSteps(change.sql, [{ id, agentId }])).get(id) ?? []
    // Found again where it was found before is no new step in its story; back after it was gone is one.
    if (whereabouts(steps.filter(({ at }) => at <= occurredAt))?.state !== 'active')
      await store.insertStep(change.sql, agentId, id, {
        at: occurredAt,
        action: 'detected',
        outcome: 'succeeded',
        by: null,
        failure: null,
        quarantineId: null,
      })
    const newest = before === undefined || occurredAt >= before.lastSeenAt
    const base = { id, agentId, hostname, state: 'active' as const, quarantineId: null, pendingAction: null }
    await put(change, {
      ...(newest ? { ...base, ...file } : before),
      pendingAction: before?.pendingAction ?? null,
      firstSeenAt: before !== undefined && before.firstSeenAt < occurredAt ? before.firstSeenAt : occurredAt,
      lastSeenAt: newest ? occurredAt : before.lastSeenAt,
    })
  }

  const act = async (
    change: Change,
    event: ThreatEvent,
    data: Extract<EventContent, { type: 'threat.action' }>['data'],
  ): Promise<void> => {
    const { detectionId, action, outcome, failure, quarantineId } = data
    await store.insertStep(change.sql, event.agentId, detectionId, {
      at: event.occurredAt,
      action,
      outcome,
      by: null,
      failure,
      quarantineId,
    })
    const detection = await store.findDetection(change.sql, detectionId)
    // Before its detection has arrived there is only the step, and it is counted when the detection comes.
    if (detection === undefined || detection.agentId !== event.agentId) return
    const answered = detection.pendingAction === action
    await put(change, { ...detection, pendingAction: answered ? null : detection.pendingAction })
  }

  return {
    /** One detection with its story. Throws `detection.unknown`. */
    read,

    async list(query: DetectionQuery): Promise<{ items: Detection[]; total: number; next?: string }> {
      const page = await store.listDetections(needs.sql, query, query)
      return { ...page, items: await complete(needs.sql, page.items) }
    },

    /** How many detections `list` would give for a query. */
    count: (filter: store.DetectionFilter) => store.countDetections(needs.sql, filter),

    /** Takes in what an agent says of a detection. */
    async record(change: Change, event: ThreatEvent): Promise<void> {
      if (event.content.type === 'threat.detected') await sight(change, event, event.content.data)
      else await act(change, event, event.content.data)
    },

    /**
     * Asks the agent to act on the file. Throws `detection.unknown`, `certificate.revoked`, or `detection.state` when the file
     * is not where it would have to be, or an earlier wish is still pending.
     */
    async request(
      id: string,
      wish: { action: Wish; evenIfInfected: boolean },
      username: string,
    ): Promise<Detection> {
      await needs.change(async (change) => {
        const detection = await find(change.sql, id)
        const agent = await needs.agents.readEnrolled(change.sql, detection.agentId)
        refuseUnless(detection, wish.action, agent.host.hostname)
        await store.insertStep(change.sql, detection.agentId, id, {
          at: now().toISOString(),
          action: wish.action,
          outcome: 'requested',
          by: username,
          failure: null,
          quarantineId: null,
        })
        await put(change, { ...detection, pendingAction: wish.action })
        await needs.commands.issue(change, detection.agentId, orderFor(detection, wish))
      })
      return read(id)
    },

    /** Takes in what became of a command. When it is done, the event that follows says how; a failure may be all we hear. */
    async settle(
      change: Change,
      order: Extract<CommandOrder, { kind: 'quarantine' | 'restore' | 'delete' }>,
      outcome: CommandOutcome,
    ): Promise<void> {
      const detection = await store.findDetection(change.sql, order.detectionId)
      if (detection?.pendingAction !== order.kind || outcome.outcome !== 'failed') return
      await store.insertStep(change.sql, detection.agentId, detection.id, {
        at: now().toISOString(),
        action: order.kind,
        outcome: 'failed',
        by: null,
        failure: outcome.failure ?? null,
        quarantineId: null,
      })
      await put(change, { ...detection, pendingAction: null })
    },
  }
}

function refuseUnless(detection: store.StoredDetection, action: Wish, hostname: string): void {
  const { state, pendingAction, path } = detection
  if (pendingAction !== null)
    throw new ServerError(
      'detection.state',
      `${hostname} has not answered yet whether it could ${pendingAction} ${path}; wait for that.`,
    )
  const missing = action === 'restore' && detection.quarantineId === null
  if (!allowedFrom[action].includes(state) || missing)
    throw new ServerError(
      'detection.state',
      `${path} on ${hostname} is ${state}; load the detection again for what can be done with it now.`,
    )
}

function orderFor(
  detection: store.StoredDetection,
  wish: { action: Wish; evenIfInfected: boolean },
): CommandOrder {
  const { id: detectionId, path, sha256, quarantineId } = detection
  switch (wish.action) {
    case 'quarantine':
      return { kind: 'quarantine', detectionId, path, sha256 }
    case 'delete':
      return { kind: 'delete', detectionId, quarantineId, path, sha256 }
    case 'restore':
      return {
        kind: 'restore',
        detectionId,
        quarantineId: quarantineId as string,
        path,
        evenIfInfected: wish.evenIfInfected,
      }
  }
}
