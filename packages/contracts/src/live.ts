/**
 * What the console hears while it is open: server-sent events that say what changed. Each carries enough to update what is
 * on screen; whoever missed some simply asks again.
 */
import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Count, Id } from './primitive.ts'
import { ScanProgress } from './scans.ts'

/** One change. */
export const LiveMessage = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('agent'), agentId: Id }),
    z.object({ kind: z.literal('scan'), scanId: Id, agentId: Id }),
    z.object({ kind: z.literal('scan-progress'), agentId: Id, progress: ScanProgress }),
    z.object({ kind: z.literal('detection'), detectionId: Id, agentId: Id }),
    z.object({ kind: z.literal('events'), agentId: Id }),
    z.object({ kind: z.literal('policy') }),
    z.object({ kind: z.literal('definitions') }),
    z.object({ kind: z.literal('enrollment') }),
  ])
  .meta({ id: 'LiveMessage' })
export type LiveMessage = z.infer<typeof LiveMessage>

/** The numbers of the first page. Each counts exactly what the list behind its link shows. */
export const Overview = z
  .object({
    agents: z.object({
      total: Count,
      healthy: Count,
      warning: Count,
      critical: Count,
      unknown: Count,
      withActiveDetections: Count,
      definitionsOutdated: Count,
      policyOutdated: Count,
    }),
    detections: z.object({ active: Count, quarantined: Count, last24Hours: Count }),
    /** Detections first seen on each of the last 14 days (UTC), oldest first. */
    trend: z.array(z.object({ day: z.iso.date(), detections: Count })).length(14),
    scansRunning: Count,
  })
  .meta({ id: 'Overview' })
export type Overview = z.infer<typeof Overview>

export const liveEndpoints = {
  live: endpoint({
    method: 'GET',
    path: '/api/v1/live',
    tag: 'live',
    summary: 'Changes as they happen',
    credential: 'operator',
    response: LiveMessage,
    form: 'events',
    problems: [],
  }),
  readOverview: endpoint({
    method: 'GET',
    path: '/api/v1/overview',
    tag: 'live',
    summary: 'The numbers of the first page',
    credential: 'operator',
    response: Overview,
    problems: [],
  }),
  readHealth: endpoint({
    method: 'GET',
    path: '/api/v1/health',
    tag: 'live',
    summary: 'That the server answers, and its version',
    credential: 'none',
    response: z.object({ status: z.literal('ok'), version: z.string() }),
    problems: [],
  }),
}
