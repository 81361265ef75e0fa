/**
 * Detections: what was found where, what has become of it, and what an operator can do about it.
 */
import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { DetectionAction } from './events.ts'
import { Count, HostPath, Id, PageQuery, pageOf, Severity, Sha256, Timestamp } from './primitive.ts'

/** Where the file is now. `active`: still in its place. */
export const DetectionState = z
  .enum(['active', 'quarantined', 'restored', 'deleted'])
  .meta({ id: 'DetectionState' })
export type DetectionState = z.infer<typeof DetectionState>

/** One step in a detection's story, oldest first in its list. */
export const DetectionStep = z.object({
  at: Timestamp,
  action: z.enum(['detected', ...DetectionAction.options]),
  outcome: z.enum(['requested', 'succeeded', 'failed']),
  by: z.string().nullable(),
  failure: z.string().nullable(),
})
export type DetectionStep = z.infer<typeof DetectionStep>

/** A detection as the server knows it. */
export const Detection = z
  .object({
    id: Id,
    agentId: Id,
    hostname: z.string(),
    state: DetectionState,
    path: HostPath,
    innerPath: z.string().nullable(),
    signature: z.string(),
    severity: Severity,
    category: z.string(),
    description: z.string().nullable(),
    sha256: Sha256,
    size: Count,
    owner: z.string(),
    mode: z.int(),
    modifiedAt: Timestamp,
    definitionsVersion: z.string(),
    firstSeenAt: Timestamp,
    lastSeenAt: Timestamp,
    scanId: Id.nullable(),
    quarantineId: Id.nullable(),
    /** An action that was asked for and has not been answered yet. */
    pendingAction: DetectionAction.nullable(),
    steps: z.array(DetectionStep),
  })
  .meta({ id: 'Detection' })
export type Detection = z.infer<typeof Detection>

const DetectionParams = z.object({ detectionId: Id })

export const detectionEndpoints = {
  listDetections: endpoint({
    method: 'GET',
    path: '/api/v1/detections',
    tag: 'detections',
    summary: 'Detections, last seen first',
    credential: 'operator',
    query: PageQuery.extend({
      agentId: Id.optional(),
      scanId: Id.optional(),
      state: DetectionState.optional(),
      severity: Severity.optional(),
      /** First seen at this time or later, and before that one: what the numbers of the first page link to. */
      firstSeenFrom: Timestamp.optional(),
      firstSeenBefore: Timestamp.optional(),
    }),
    response: pageOf(Detection),
    problems: [],
  }),
  readDetection: endpoint({
    method: 'GET',
    path: '/api/v1/detections/:detectionId',
    tag: 'detections',
    summary: 'One detection with its story',
    credential: 'operator',
    params: DetectionParams,
    response: Detection,
    problems: ['detection.unknown'],
  }),
  actOnDetection: endpoint({
    method: 'POST',
    path: '/api/v1/detections/:detectionId/actions',
    tag: 'detections',
    summary: 'Ask the agent to quarantine, restore or delete the file',
    credential: 'operator',
    params: DetectionParams,
    body: z.object({
      action: DetectionAction.exclude(['report']),
      /** Restore though the current definitions still find something in it. */
      evenIfInfected: z.boolean().default(false),
    }),
    response: Detection,
    problems: ['detection.unknown', 'detection.state', 'certificate.revoked'],
  }),
}
