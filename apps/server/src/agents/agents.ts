/**
 * Agents: who is in the fleet, how each of them is, and what should be in force on it. An agent that has not been heard of
 * for three heartbeats is `unknown`, whatever it last said of itself.
 */
import type {
  Agent,
  HealthFinding,
  Heartbeat,
  HeartbeatAnswer,
  HostFacts,
  LastScan,
  PageQuery,
} from '@coreward/contracts'
import type { Change, MakeChange } from '../database/change.ts'
import type { Sql } from '../database/sql.ts'
import { ServerError } from '../server-error.ts'
import * as store from './store.ts'

/** What should be in force now. The other slices know; this one only compares. */
export interface InForce {
  readonly policyVersion: number
  readonly heartbeatSeconds: number
  /** Undefined while no set is published. */
  readonly definitionsVersion: string | undefined
}

export interface AgentsNeeds {
  readonly sql: Sql
  readonly change: MakeChange
  readonly inForce: () => InForce
  /** The signed assignment of definitions for an agent; undefined while no set is published. */
  readonly assign: (agentId: string) => Promise<string | undefined>
  /** What the other slices do when an agent is revoked, in the same transaction. */
  readonly onRevoke: (change: Change, agentId: string) => Promise<void>
  /** Tells the consoles outside any change. */
  readonly tell: (agentId: string) => void
  readonly now?: () => Date
}

export type AgentQuery = PageQuery & {
  health?: Agent['health'] | undefined
  detections?: 'active' | undefined
  outdated?: 'definitions' | 'policy' | undefined
}

export type Agents = ReturnType<typeof createAgents>

/** A missed heartbeat can be a busy network; three are an agent that is gone. */
const heartbeatsMissed = 3

/** The rules for agents. */
export function createAgents(needs: AgentsNeeds) {
  const now = needs.now ?? (() => new Date())
  // Who is online, as the consoles were last told: silence makes no request that could tell them.
  const online = new Map<string, number>()
  const silenceMilliseconds = () => needs.inForce().heartbeatSeconds * heartbeatsMissed * 1000
  const heardSince = () => new Date(now().getTime() - silenceMilliseconds()).toISOString()

  const complete = ({ worst, ...agent }: store.StoredAgent): Agent => {
    const { policyVersion, definitionsVersion } = needs.inForce()
    const isOnline =
      agent.state === 'enrolled' && agent.lastSeenAt !== null && agent.lastSeenAt >= heardSince()
    return {
      ...agent,
      online: isOnline,
      health: isOnline ? worst : 'unknown',
      policyCurrent: agent.versions.policy === policyVersion,
      definitionsCurrent:
        definitionsVersion === undefined || agent.versions.definitions === definitionsVersion,
    }
  }

  const filterOf = (query: Omit<AgentQuery, 'limit' | 'cursor'>): store.AgentFilter => {
    const { policyVersion, definitionsVersion } = needs.inForce()
    return {
      search: query.search,
      health: query.health,
      withDetections: query.detections === 'active',
      otherPolicyThan: query.outdated === 'policy' ? policyVersion : undefined,
      // While no set is published nobody is behind; no agent reports a version with a line break in it.
      otherDefinitionsThan: query.outdated === 'definitions' ? definitionsVersion : undefined,
      heardSince: heardSince(),
    }
  }
  const nobodyIsBehind = (query: Omit<AgentQuery, 'limit' | 'cursor'>) =>
    query.outdated === 'definitions' && needs.inForce().definitionsVersion === undefined

  const read = async (sql: Sql, agentId: string): Promise<Agent> => {
    const agent = await store.findAgent(sql, agentId)
    if (agent === undefined)
      throw new ServerError('agent.unknown', `There is no agent ${agentId}; look for the host in the list.`)
    return complete(agent)
  }
  const count = async (query: Omit<AgentQuery, 'limit' | 'cursor'>): Promise<number> =>
    nobodyIsBehind(query) ? 0 : store.countAgents(needs.sql, filterOf(query))

  return {
    /** Adds an agent that has just been enrolled. */
    async enroll(
      change: Change,
      agent: { id: string; host: HostFacts; certificateExpiresAt: string },
    ): Promise<void> {
      await store.insertAgent(change.sql, { ...agent, enrolledAt: now().toISOString() })
      change.tell({ kind: 'agent', agentId: agent.id })
    },

    /** Records how an agent is and says what should be in force. */
    async heartbeat(agentId: string, heartbeat: Heartbeat): Promise<HeartbeatAnswer> {
      const at = now()
      const cameOnline = !online.has(agentId)
      online.set(agentId, at.getTime())
      await needs.change(async ({ sql, tell }) => {
        const before = await store.findAgent(sql, agentId)
        await store.updateHeartbeat(sql, agentId, heartbeat, {
          worst: worstOf(heartbeat.findings),
          at: at.toISOString(),
        })
        if (cameOnline || differs(before, heartbeat)) tell({ kind: 'agent', agentId })
      })
      const assignment = await needs.assign(agentId)
      return {
        serverTime: now().toISOString(),
        policyVersion: needs.inForce().policyVersion,
        ...(assignment === undefined ? {} : { assignment }),
      }
    },

    /** Tells the consoles of agents that have fallen silent since the last look. */
    noticeSilence(): void {
      const limit = now().getTime() - silenceMilliseconds()
      for (const [agentId, seen] of online) {
        if (seen >= limit) continue
        online.delete(agentId)
        needs.tell(agentId)
      }
    },

    /** One agent. Throws `agent.unknown`. */
    read: (agentId: string) => read(needs.sql, agentId),

    /** One agent within a change. Throws `agent.unknown`, or `certificate.revoked` for one that can be asked nothing. */
    async readEnrolled(sql: Sql, agentId: string): Promise<Agent> {
      const agent = await read(sql, agentId)
      if (agent.state === 'revoked')
        throw new ServerError(
          'certificate.revoked',
          `${agent.host.hostname} was revoked; enrol it anew first.`,
        )
      return agent
    },

    /** The state of an agent, or undefined when there is none: what the door asks at each request. */
    async state(agentId: string): Promise<Agent['state'] | undefined> {
      return (await store.findAgent(needs.sql, agentId))?.state
    },

    async list(query: AgentQuery): Promise<{ items: Agent[]; total: number; next?: string }> {
      if (nobodyIsBehind(query)) return { items: [], total: 0 }
      const page = await store.listAgents(needs.sql, filterOf(query), query)
      return { ...page, items: page.items.map(complete) }
    },

    /** How many agents `list` would give for a query. */
    count,

    /** How many agents have applied a policy, of all that are enrolled. */
    countPolicy: (version: number) => store.countPolicy(needs.sql, version),

    /** How many agents report each version of definitions. */
    countDefinitions: () => store.countDefinitions(needs.sql),

    /** Takes an agent's right to talk to the server. Doing it again changes nothing. Throws `agent.unknown`. */
    async revoke(agentId: string): Promise<Agent> {
      await needs.change(async (change) => {
        const agent = await read(change.sql, agentId)
        if (agent.state === 'revoked') return
        await store.updateState(change.sql, agentId, 'revoked')
        await needs.onRevoke(change, agentId)
        change.tell({ kind: 'agent', agentId })
      })
      online.delete(agentId)
      return read(needs.sql, agentId)
    },

    /** Notes until when an agent's newest certificate is valid. */
    async noteCertificate(change: Change, agentId: string, expiresAt: string): Promise<void> {
      await store.updateCertificate(change.sql, agentId, expiresAt)
      change.tell({ kind: 'agent', agentId })
    },

    /** Notes a scan that began at `beganAt`, unless a later one is known. */
    async noteScan(change: Change, agentId: string, scan: LastScan, beganAt: string): Promise<void> {
      await store.updateLastScan(change.sql, agentId, scan, beganAt)
      change.tell({ kind: 'agent', agentId })
    },

    /** Notes how many of an agent's detections are active. */
    async noteActiveDetections(change: Change, agentId: string, count: number): Promise<void> {
      await store.updateActiveDetections(change.sql, agentId, count)
      change.tell({ kind: 'agent', agentId })
    },
  }
}

function worstOf(findings: readonly HealthFinding[]): store.Worst {
  if (findings.some(({ severity }) => severity === 'critical')) return 'critical'
  return findings.some(({ severity }) => severity === 'warning') ? 'warning' : 'healthy'
}

function differs(before: store.StoredAgent | undefined, heartbeat: Heartbeat): boolean {
  const shown = (agent: Omit<Heartbeat, 'sentAt' | 'bootedAt'>) =>
    JSON.stringify([
      agent.host,
      agent.versions,
      agent.findings,
      agent.processes.map(({ name, pid, restarts }) => [name, pid, restarts]),
      agent.spooledEvents,
      agent.quarantinedFiles,
    ])
  return before === undefined || shown(before) !== shown(heartbeat)
}
