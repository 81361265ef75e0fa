/**
 * The local control socket: what the command line asks of the daemon on the same host. Lines of JSON: the caller sends one
 * ControlCall, the daemon answers with any number of progress lines and one result or error, and closes.
 */
import { z } from 'zod'
import { HealthFinding, HealthState, Heartbeat, HostFacts } from './agents.ts'
import { DefinitionsSummary } from './definitions.ts'
import { AgentEvent } from './events.ts'
import { Count, HostPath, Id, Severity, Sha256, Timestamp } from './primitive.ts'
import { ScanKind, ScanProgress, ScanRequest, ScanState, ScanSummary, ScanTrigger } from './scans.ts'
import { UnscannedReason } from './verdict.ts'

/** A setting in force, with where its value comes from: set by the server's policy, or our default. */
export const EffectiveSetting = z.object({
  name: z.string(),
  value: z.json(),
  source: z.enum(['managed', 'default']),
})
export type EffectiveSetting = z.infer<typeof EffectiveSetting>

/** A file in quarantine. */
export const QuarantinedFile = z
  .object({
    id: Id,
    detectionId: Id.nullable(),
    path: HostPath,
    innerPath: z.string().nullable(),
    signature: z.string(),
    severity: Severity,
    sha256: Sha256,
    size: Count,
    owner: z.string(),
    mode: z.int(),
    quarantinedAt: Timestamp,
    definitionsVersion: z.string(),
  })
  .meta({ id: 'QuarantinedFile' })
export type QuarantinedFile = z.infer<typeof QuarantinedFile>

/** What `coreward status` shows. */
export const AgentStatus = z.object({
  agentId: Id.nullable(),
  serverUrl: z.string().nullable(),
  connected: z.boolean(),
  lastContactAt: Timestamp.nullable(),
  certificateExpiresAt: Timestamp.nullable(),
  health: HealthState,
  findings: z.array(HealthFinding),
  host: HostFacts,
  versions: Heartbeat.shape.versions,
  processes: Heartbeat.shape.processes,
  settings: z.array(EffectiveSetting),
  spooledEvents: Count,
  quarantinedFiles: Count,
  dataFolder: z.string(),
  runningScans: z.array(z.object({ scanId: Id, kind: ScanKind, progress: ScanProgress.nullable() })),
  lastScan: z
    .object({ scanId: Id, kind: ScanKind, trigger: ScanTrigger, state: ScanState, summary: ScanSummary })
    .nullable(),
})
export type AgentStatus = z.infer<typeof AgentStatus>

/** A line about one file, while a scan runs. */
export const ScanFinding = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('detection'),
    detectionId: Id,
    path: HostPath,
    innerPath: z.string().nullable(),
    signature: z.string(),
    severity: Severity,
    action: z.enum(['reported', 'quarantined', 'quarantine-failed']),
    failure: z.string().nullable(),
  }),
  z.object({
    kind: z.literal('unscanned'),
    path: HostPath,
    innerPath: z.string().nullable(),
    reason: UnscannedReason,
    detail: z.string().nullable(),
  }),
])
export type ScanFinding = z.infer<typeof ScanFinding>

const none = z.object({})

/** Every method: what it takes, what it answers, and what it says meanwhile. */
export const controlMethods = {
  status: { params: none, result: AgentStatus },
  scan: {
    params: z.object({ request: ScanRequest, trigger: ScanTrigger.extract(['command-line', 'start']) }),
    result: z.object({
      scanId: Id,
      state: ScanState,
      summary: ScanSummary,
      failure: z.string().nullable(),
    }),
    progress: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('started'), scanId: Id }),
      z.object({ kind: z.literal('progress'), progress: ScanProgress }),
      z.object({ kind: z.literal('finding'), finding: ScanFinding }),
    ]),
  },
  cancelScan: { params: z.object({ scanId: Id }), result: none },
  listQuarantine: { params: none, result: z.object({ items: z.array(QuarantinedFile) }) },
  restore: {
    params: z.object({
      id: Id,
      to: HostPath.optional(),
      overwrite: z.boolean().default(false),
      evenIfInfected: z.boolean().default(false),
    }),
    result: z.object({ path: HostPath }),
  },
  deleteQuarantined: { params: z.object({ id: Id }), result: none },
  showDefinitions: {
    params: none,
    result: z.object({
      active: DefinitionsSummary.nullable(),
      previous: DefinitionsSummary.nullable(),
      checkedAt: Timestamp.nullable(),
      failure: z.string().nullable(),
    }),
  },
  updateDefinitions: {
    params: none,
    result: z.object({ outcome: z.enum(['updated', 'current']), version: z.string() }),
  },
  listEvents: {
    params: z.object({ limit: z.int().min(1).max(10_000).default(100) }),
    /** Newest first; `delivered` is true once the server has confirmed it. */
    result: z.object({ items: z.array(AgentEvent.extend({ delivered: z.boolean() })) }),
  },
} as const satisfies Record<string, { params: z.ZodType; result: z.ZodType; progress?: z.ZodType }>

export type ControlMethod = keyof typeof controlMethods

/** What the caller sends. Params are checked against the method's schema. */
export const ControlCall = z.object({
  method: z.enum(Object.keys(controlMethods) as [ControlMethod, ...ControlMethod[]]),
  params: z.unknown(),
})
export type ControlCall = z.infer<typeof ControlCall>

/** Why a call failed. */
export const ControlErrorCode = z.enum([
  'request.malformed',
  'path.missing',
  'path.out-of-scope',
  'scan.unknown',
  'scan.busy',
  'quarantine.unknown',
  'quarantine.infected',
  'quarantine.exists',
  'file.changed',
  'definitions.none',
  'definitions.refused',
  'server.unreachable',
  'not-enrolled',
  'disk.full',
  'failed',
])
export type ControlErrorCode = z.infer<typeof ControlErrorCode>

/** A line of the answer. */
export const ControlLine = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), progress: z.unknown() }),
  z.object({ kind: z.literal('result'), result: z.unknown() }),
  z.object({ kind: z.literal('error'), code: ControlErrorCode, message: z.string() }),
])
export type ControlLine = z.infer<typeof ControlLine>
