/**
 * Agents: how a host is described, how it says that it is alive and well, and what the server answers.
 */
import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Count, Id, PageQuery, pageOf, Timestamp } from './primitive.ts'
import { ScanKind, ScanState, ScanSummary } from './scans.ts'

/** What a host is. Nothing here is used to authenticate it. */
export const HostFacts = z
  .object({
    hostname: z.string().min(1).max(255),
    operatingSystem: z.string().max(200),
    kernel: z.string().max(200),
    architecture: z.string().max(50),
    addresses: z.array(z.string().max(64)).max(64),
    machineId: z.string().max(128).nullable(),
    processors: Count,
    memoryBytes: Count,
  })
  .meta({ id: 'HostFacts' })
export type HostFacts = z.infer<typeof HostFacts>

/** The versions of what runs on a host. */
export const AgentVersions = z
  .object({
    agent: z.string().max(50),
    node: z.string().max(50),
    engineLayout: z.int().min(0),
    definitions: z.string().max(100).nullable(),
    policy: z.int().min(0).nullable(),
  })
  .meta({ id: 'AgentVersions' })
export type AgentVersions = z.infer<typeof AgentVersions>

/** One thing that is not as it should be. The console has the words for a code; `text` is for the command line. */
export const HealthFinding = z
  .object({
    code: z.enum([
      'definitions.none',
      'definitions.failed',
      'scanner.unavailable',
      'guard.unavailable',
      'guard.absent',
      'isolation.degraded',
      'policy.failed',
      'server.unreachable',
      'certificate.expiring',
      'certificate.revoked',
      'spool.full',
      'disk.low',
    ]),
    severity: z.enum(['critical', 'warning', 'information']),
    text: z.string().max(1000),
  })
  .meta({ id: 'HealthFinding' })
export type HealthFinding = z.infer<typeof HealthFinding>

/** How a host is: the worst of its findings, or `unknown` when it has not been heard of for a while. */
export const HealthState = z.enum(['healthy', 'warning', 'critical', 'unknown']).meta({ id: 'HealthState' })
export type HealthState = z.infer<typeof HealthState>

/** What an agent says each time. */
export const Heartbeat = z
  .object({
    sentAt: Timestamp,
    bootedAt: Timestamp,
    host: HostFacts,
    versions: AgentVersions,
    findings: z.array(HealthFinding).max(50),
    processes: z.array(
      z.object({
        name: z.enum(['guard', 'scanner', 'daemon']),
        pid: z.int(),
        pssBytes: Count.nullable(),
        restarts: Count,
      }),
    ),
    spooledEvents: Count,
    quarantinedFiles: Count,
  })
  .meta({ id: 'Heartbeat' })
export type Heartbeat = z.infer<typeof Heartbeat>

/** What the server answers: the versions that should be in force. The agent fetches what differs. */
export const HeartbeatAnswer = z
  .object({
    serverTime: Timestamp,
    policyVersion: z.int().min(1),
    /** Signed DefinitionsAssignment; absent while no set is published. */
    assignment: z.string().max(8192).optional(),
  })
  .meta({ id: 'HeartbeatAnswer' })
export type HeartbeatAnswer = z.infer<typeof HeartbeatAnswer>

/** A scan in brief, as a host's list shows it. */
export const LastScan = z.object({
  id: Id,
  kind: ScanKind,
  state: ScanState,
  finishedAt: Timestamp.nullable(),
  summary: ScanSummary.nullable(),
})
export type LastScan = z.infer<typeof LastScan>

/** An agent as the server knows it. */
export const Agent = z
  .object({
    id: Id,
    host: HostFacts,
    versions: AgentVersions,
    state: z.enum(['enrolled', 'revoked']),
    health: HealthState,
    findings: z.array(HealthFinding),
    /** Heard of within three heartbeats. */
    online: z.boolean(),
    enrolledAt: Timestamp,
    lastSeenAt: Timestamp.nullable(),
    certificateExpiresAt: Timestamp,
    lastScan: LastScan.nullable(),
    activeDetections: Count,
    quarantinedFiles: Count,
    spooledEvents: Count,
    processes: Heartbeat.shape.processes,
    policyCurrent: z.boolean(),
    definitionsCurrent: z.boolean(),
  })
  .meta({ id: 'Agent' })
export type Agent = z.infer<typeof Agent>

const AgentParams = z.object({ agentId: Id })

export const agentEndpoints = {
  heartbeat: endpoint({
    method: 'POST',
    path: '/agent/v1/heartbeat',
    tag: 'agents',
    summary: 'An agent says how it is and hears what should be in force',
    credential: 'agent',
    body: Heartbeat,
    response: HeartbeatAnswer,
    problems: [],
  }),
  listAgents: endpoint({
    method: 'GET',
    path: '/api/v1/agents',
    tag: 'agents',
    summary: 'Agents, by hostname',
    credential: 'operator',
    query: PageQuery.extend({
      health: HealthState.optional(),
      detections: z.enum(['active']).optional(),
      outdated: z.enum(['definitions', 'policy']).optional(),
    }),
    response: pageOf(Agent),
    problems: [],
  }),
  readAgent: endpoint({
    method: 'GET',
    path: '/api/v1/agents/:agentId',
    tag: 'agents',
    summary: 'One agent',
    credential: 'operator',
    params: AgentParams,
    response: Agent,
    problems: ['agent.unknown'],
  }),
  revokeAgent: endpoint({
    method: 'POST',
    path: '/api/v1/agents/:agentId/revoke',
    tag: 'agents',
    summary: 'Take an agent’s certificate from it; it has to be enrolled anew',
    credential: 'operator',
    params: AgentParams,
    response: Agent,
    problems: ['agent.unknown'],
  }),
}
