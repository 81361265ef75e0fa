/**
 * Scans: what is asked of an agent, how far it is, and what came of it. Progress is a passing message and is never
 * stored by the agent; the summary is an event and always is.
 */
import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { ThreatAction } from './policies.ts'
import { Count, HostPath, Id, PageQuery, pageOf, Timestamp } from './primitive.ts'
import { UnscannedCounts } from './verdict.ts'

/** What is scanned: what matters most on a server, everything, or the paths named. */
export const ScanKind = z.enum(['quick', 'full', 'custom']).meta({ id: 'ScanKind' })
export type ScanKind = z.infer<typeof ScanKind>

/** Who asked: the schedule, someone at the host, or an operator at the console. */
export const ScanTrigger = z
  .enum(['schedule', 'command-line', 'console', 'start'])
  .meta({ id: 'ScanTrigger' })
export type ScanTrigger = z.infer<typeof ScanTrigger>

/** A scan as it is asked for. `action` is for this scan only and goes before the policy's actions. */
export const ScanRequest = z
  .object({
    kind: ScanKind,
    paths: z.array(HostPath).max(100).default([]),
    action: ThreatAction.optional(),
    /** Reads every file, also those that were clean before and have not changed. */
    fresh: z.boolean().optional(),
  })
  .refine((request) => (request.kind === 'custom') === request.paths.length > 0, {
    message: 'a custom scan names at least one path; quick and full scans name none',
    path: ['paths'],
  })
  .meta({ id: 'ScanRequest' })
export type ScanRequest = z.infer<typeof ScanRequest>

/** How a scan is or ended. `interrupted`: the agent was stopped or killed and did not go on with it. */
export const ScanState = z
  .enum(['requested', 'running', 'completed', 'cancelled', 'failed', 'interrupted'])
  .meta({ id: 'ScanState' })
export type ScanState = z.infer<typeof ScanState>

/** How far a scan is. Totals are null while the files are still being counted. Bytes are sizes of files, not of content. */
export const ScanProgress = z
  .object({
    scanId: Id,
    filesDone: Count,
    filesTotal: Count.nullable(),
    bytesDone: Count,
    bytesTotal: Count.nullable(),
    detections: Count,
    unscanned: Count,
    bytesPerSecond: z.number().min(0),
    secondsLeft: z.number().min(0).nullable(),
    currentPath: z.string().max(4096).nullable(),
  })
  .meta({ id: 'ScanProgress' })
export type ScanProgress = z.infer<typeof ScanProgress>

/** What came of a scan. Every file in scope is in exactly one of scanned, excluded and unscanned files. */
export const ScanSummary = z
  .object({
    filesScanned: Count,
    /** Of the scanned files, those that were clean before, have not changed, and were not read again. */
    filesUnchanged: Count.default(0),
    /** Of those, the ones that were clean under other definitions, and in which nothing that was added since could be found. */
    filesAnswered: Count.default(0),
    /** Of the scanned files, those that were clean under other definitions and were read against what was added since alone. */
    filesAgainstAdditions: Count.default(0),
    filesExcluded: Count,
    /** Files of which at least a part was not looked at, by the first reason. */
    unscanned: UnscannedCounts,
    bytesScanned: Count,
    /** Files in which something was found (they count among the scanned or the unscanned too). */
    filesInfected: Count,
    /** Folders that could not be listed: what is below them is not counted anywhere, so coverage cannot be 100 %. */
    foldersUnreadable: Count,
    /** Files scanned wholly ÷ files in scope that were not excluded, 0 to 1; null when there were none. */
    coverage: z.number().min(0).max(1).nullable(),
    startedAt: Timestamp,
    finishedAt: Timestamp,
    definitionsVersion: z.string().max(100).nullable(),
  })
  .meta({ id: 'ScanSummary' })
export type ScanSummary = z.infer<typeof ScanSummary>

/** A scan as the server knows it. */
export const Scan = z
  .object({
    id: Id,
    agentId: Id,
    hostname: z.string(),
    kind: ScanKind,
    paths: z.array(HostPath),
    trigger: ScanTrigger,
    requestedBy: z.string().nullable(),
    state: ScanState,
    requestedAt: Timestamp,
    startedAt: Timestamp.nullable(),
    finishedAt: Timestamp.nullable(),
    summary: ScanSummary.nullable(),
    /** Why it failed or was interrupted, for people. */
    failure: z.string().nullable(),
    /** The last progress that arrived, while it runs. */
    progress: ScanProgress.nullable(),
  })
  .meta({ id: 'Scan' })
export type Scan = z.infer<typeof Scan>

const ScanParams = z.object({ scanId: Id })

export const scanEndpoints = {
  reportProgress: endpoint({
    method: 'PUT',
    path: '/agent/v1/scans/:scanId/progress',
    tag: 'scans',
    summary: 'How far a running scan of this agent is',
    credential: 'agent',
    params: ScanParams,
    body: ScanProgress,
    problems: ['scan.unknown'],
  }),
  startScan: endpoint({
    method: 'POST',
    path: '/api/v1/agents/:agentId/scans',
    tag: 'scans',
    summary: 'Ask an agent to scan; the scan is `requested` until the agent has taken it',
    credential: 'operator',
    params: z.object({ agentId: Id }),
    body: ScanRequest,
    response: Scan,
    problems: ['agent.unknown', 'certificate.revoked'],
  }),
  cancelScan: endpoint({
    method: 'POST',
    path: '/api/v1/scans/:scanId/cancel',
    tag: 'scans',
    summary: 'Ask the agent to stop a scan',
    credential: 'operator',
    params: ScanParams,
    response: Scan,
    problems: ['scan.unknown', 'scan.over'],
  }),
  readScan: endpoint({
    method: 'GET',
    path: '/api/v1/scans/:scanId',
    tag: 'scans',
    summary: 'One scan',
    credential: 'operator',
    params: ScanParams,
    response: Scan,
    problems: ['scan.unknown'],
  }),
  listScans: endpoint({
    method: 'GET',
    path: '/api/v1/scans',
    tag: 'scans',
    summary: 'Scans, newest first',
    credential: 'operator',
    query: PageQuery.extend({
      agentId: Id.optional(),
      state: ScanState.optional(),
      kind: ScanKind.optional(),
    }),
    response: pageOf(Scan),
    problems: [],
  }),
}
