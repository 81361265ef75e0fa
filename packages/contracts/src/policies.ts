/**
 * The policy: what an administrator decides for the fleet, in the one schema that forms, validation and documents come
 * from. In this version there is one policy, for all agents.
 */
import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Id, Timestamp } from './primitive.ts'

const Time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/)

/** When a scan runs by itself: at a local time of the host, on the days named (none named: every day). */
export const ScanSchedule = z.object({
  enabled: z.boolean().meta({ title: 'Enabled' }),
  time: Time.meta({ title: 'Time of day', description: 'Local time of the host, HH:MM' }),
  days: z
    .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']))
    .max(7)
    .meta({ title: 'Days', description: 'None chosen means every day' }),
  spreadMinutes: z.int().min(0).max(720).meta({
    title: 'Random spread',
    unit: 'minutes',
    description: 'Each host starts at a random moment within this time',
  }),
})
export type ScanSchedule = z.infer<typeof ScanSchedule>

/** What is left out of scans, and why: an exclusion without a reason is a hole nobody can explain. */
export const Exclusion = z.object({
  kind: z.enum(['file', 'folder', 'extension']).meta({ title: 'Kind' }),
  value: z.string().min(1).max(1024).meta({ title: 'Value' }),
  reason: z.string().min(1).max(500).meta({ title: 'Reason' }),
})
export type Exclusion = z.infer<typeof Exclusion>

/** What happens to a file in which something was found. */
export const ThreatAction = z.enum(['report', 'quarantine']).meta({ id: 'ThreatAction' })
export type ThreatAction = z.infer<typeof ThreatAction>

const MiB = 1024 * 1024

/** Longer ones no packer takes. It is no secret: whoever sends malware writes it beside the archive. */
const ArchivePassword = z
  .string()
  .min(1)
  .max(127)
  .regex(/^\P{Cc}+$/u)

/** Under these people send each other samples, and senders of malware what is to be opened by hand. */
const commonPasswords = ['infected', 'virus', 'malware', 'password', '1234', '12345', '123456']

/** All settings. Every one has a value: what an administrator has not set stands at its default. */
export const PolicySettings = z
  .object({
    scan: z.object({
      networkFileSystems: z.boolean().meta({
        title: 'Scan network file systems',
        description: 'NFS, SMB and FUSE mounts below a scanned folder',
      }),
      workers: z
        .int()
        .min(0)
        .max(64)
        .meta({ title: 'Scan threads', description: '0: one for each two processors, at least one' }),
      archivePasswords: z
        .array(ArchivePassword)
        .max(64)
        .default(commonPasswords)
        .meta({ title: 'Passwords for encrypted archives', description: 'Tried in this order' }),
    }),
    schedule: z.object({ quick: ScanSchedule, full: ScanSchedule }),
    exclusions: z.array(Exclusion).max(1000).meta({ title: 'Exclusions' }),
    actions: z
      .object({ severe: ThreatAction, high: ThreatAction, moderate: ThreatAction, low: ThreatAction })
      .meta({ title: 'Actions by severity' }),
    limits: z.object({
      maxFileBytes: z
        .int()
        .min(MiB)
        .max(1024 * 1024 * MiB)
        .meta({ title: 'Largest file', unit: 'bytes' }),
      maxContentBytes: z
        .int()
        .min(MiB)
        .max(1024 * 1024 * MiB)
        .meta({ title: 'Largest entry inside an archive', unit: 'bytes' }),
      maxTotalContentBytes: z
        .int()
        .min(MiB)
        .max(1024 * 1024 * MiB)
        .meta({ title: 'All that one archive may unpack to', unit: 'bytes' }),
      maxEntries: z.int().min(1).max(10_000_000).meta({ title: 'Most entries in one archive' }),
      maxDepth: z.int().min(1).max(64).meta({ title: 'Deepest nesting of archives' }),
      maxRatio: z.int().min(2).max(100_000).meta({ title: 'Highest compression ratio' }),
      timeLimitSeconds: z
        .int()
        .min(1)
        .max(3600)
        .meta({ title: 'Longest time for one file', unit: 'seconds' }),
    }),
    reporting: z.object({
      heartbeatSeconds: z.int().min(5).max(3600).meta({ title: 'Heartbeat', unit: 'seconds' }),
    }),
  })
  .meta({ id: 'PolicySettings' })
export type PolicySettings = z.infer<typeof PolicySettings>

/** What holds where no administrator has decided: scan daily at 02:00 as the field is used to, report, move nothing. */
export const defaultPolicy: PolicySettings = {
  scan: { networkFileSystems: false, workers: 0, archivePasswords: commonPasswords },
  schedule: {
    quick: { enabled: true, time: '02:00', days: [], spreadMinutes: 60 },
    full: { enabled: false, time: '03:00', days: ['sun'], spreadMinutes: 120 },
  },
  exclusions: [],
  actions: { severe: 'report', high: 'report', moderate: 'report', low: 'report' },
  limits: {
    maxFileBytes: 64 * 1024 * MiB,
    maxContentBytes: 128 * MiB,
    maxTotalContentBytes: 1024 * MiB,
    maxEntries: 100_000,
    maxDepth: 12,
    maxRatio: 1000,
    timeLimitSeconds: 120,
  },
  reporting: { heartbeatSeconds: 15 },
}

/** The payload of the signed policy that an agent fetches. Versions only ever grow within a fleet. */
export const PolicyDocument = z.object({
  fleetId: Id,
  version: z.int().min(1),
  issuedAt: Timestamp,
  settings: PolicySettings,
})
export type PolicyDocument = z.infer<typeof PolicyDocument>

/** The JWS `typ` of a policy. */
export const policyDocumentType = 'coreward-policy+jws'

/** The policy as the console shows and edits it. */
export const Policy = z
  .object({
    version: z.int().min(1),
    settings: PolicySettings,
    deployedAt: Timestamp,
    deployedBy: z.string(),
    note: z.string().max(500),
    /** How many agents report this version applied, and how many there are. */
    agentsApplied: z.int().min(0),
    agentsTotal: z.int().min(0),
  })
  .meta({ id: 'Policy' })
export type Policy = z.infer<typeof Policy>

export const policyEndpoints = {
  fetchPolicy: endpoint({
    method: 'GET',
    path: '/agent/v1/policy',
    tag: 'policies',
    summary: 'The signed policy for the agent that asks',
    credential: 'agent',
    response: z.object({ document: z.string() }),
    problems: [],
  }),
  readPolicy: endpoint({
    method: 'GET',
    path: '/api/v1/policy',
    tag: 'policies',
    summary: 'The policy in force',
    credential: 'operator',
    response: Policy,
    problems: [],
  }),
  deployPolicy: endpoint({
    method: 'PUT',
    path: '/api/v1/policy',
    tag: 'policies',
    summary: 'Deploy a changed policy; refused when somebody deployed another since `baseVersion`',
    credential: 'operator',
    body: z.object({
      baseVersion: z.int().min(1),
      settings: PolicySettings,
      note: z.string().max(500).default(''),
    }),
    maxBodyBytes: 4 * MiB,
    response: Policy,
    problems: ['policy.conflict'],
  }),
}
