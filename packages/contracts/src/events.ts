/**
 * Events: what an agent tells the centre, because nobody watches the host. Each is stored durably on the host before
 * anything else happens and recorded exactly once at the server, by its id. Numbers are the ones administrators of the
 * field already filter for.
 */
import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Count, HostPath, Id, PageQuery, pageOf, Severity, Sha256, Timestamp } from './primitive.ts'
import { ScanKind, ScanState, ScanSummary, ScanTrigger } from './scans.ts'
import { UnscannedReason } from './verdict.ts'

/** What an action on a detection can be. `report` leaves the file where it is. */
export const DetectionAction = z
  .enum(['report', 'quarantine', 'restore', 'delete'])
  .meta({ id: 'DetectionAction' })
export type DetectionAction = z.infer<typeof DetectionAction>

const event = <Type extends string, Data extends z.ZodRawShape>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), data: z.object(data) })

const text = z.string().max(2000)

/** What an event says, by its type. */
export const EventContent = z.discriminatedUnion('type', [
  event('agent.started', { agentVersion: z.string().max(50), asRoot: z.boolean() }),
  event('agent.stopped', {}),
  event('process.replaced', { process: z.enum(['guard', 'scanner', 'daemon']), reason: text }),
  event('scan.started', {
    scanId: Id,
    kind: ScanKind,
    paths: z.array(HostPath).max(100),
    trigger: ScanTrigger,
  }),
  event('scan.finished', {
    scanId: Id,
    kind: ScanKind,
    paths: z.array(HostPath).max(100),
    trigger: ScanTrigger,
    state: ScanState.extract(['completed', 'cancelled', 'failed', 'interrupted']),
    summary: ScanSummary,
    failure: text.nullable(),
  }),
  event('file.unscanned', {
    scanId: Id.nullable(),
    path: HostPath,
    innerPath: text.nullable(),
    reason: UnscannedReason,
    detail: text.nullable(),
  }),
  event('threat.detected', {
    /** The same file content at the same path by the same signature is the same detection. */
    detectionId: Id,
    scanId: Id.nullable(),
    path: HostPath,
    innerPath: text.nullable(),
    signature: z.string().max(500),
    severity: Severity,
    category: z.string().max(100),
    description: text.nullable(),
    sha256: Sha256,
    size: Count,
    owner: z.string().max(200),
    mode: z.int().min(0).max(0o7777),
    modifiedAt: Timestamp,
    definitionsVersion: z.string().max(100),
    plannedAction: DetectionAction.extract(['report', 'quarantine']),
  }),
  event('threat.action', {
    detectionId: Id,
    path: HostPath,
    action: DetectionAction,
    outcome: z.enum(['succeeded', 'failed']),
    quarantineId: Id.nullable(),
    failure: text.nullable(),
  }),
  event('definitions.updated', { version: z.string().max(100), previous: z.string().max(100).nullable() }),
  event('definitions.failed', { version: z.string().max(100).nullable(), failure: text }),
  event('policy.applied', { version: z.int(), previous: z.int().nullable() }),
  event('policy.failed', { version: z.int().nullable(), failure: text }),
])
export type EventContent = z.infer<typeof EventContent>
export type EventType = EventContent['type']

/** The number of each type, as Windows' antimalware event log has them; our own start at 9000. */
export const eventNumbers: Readonly<Record<EventType, number>> = {
  'agent.started': 9000,
  'agent.stopped': 9001,
  'process.replaced': 9002,
  'scan.started': 1000,
  'scan.finished': 1001,
  'file.unscanned': 1005,
  'threat.detected': 1116,
  'threat.action': 1117,
  'definitions.updated': 2000,
  'definitions.failed': 2001,
  'policy.applied': 5007,
  'policy.failed': 9003,
}

/** An event on its way to the server. `sequence` counts up by one per agent, so a gap shows. */
export const AgentEvent = z
  .object({ id: Id, sequence: z.int().min(1), occurredAt: Timestamp, content: EventContent })
  .meta({ id: 'AgentEvent' })
export type AgentEvent = z.infer<typeof AgentEvent>

/** An event as the server stored it. */
export const RecordedEvent = AgentEvent.extend({
  agentId: Id,
  hostname: z.string(),
  number: z.int(),
  receivedAt: Timestamp,
}).meta({ id: 'RecordedEvent' })
export type RecordedEvent = z.infer<typeof RecordedEvent>

/** The most events that one request carries. */
export const maxEventsPerRequest = 500

const eventTypes = EventContent.options.map((option) => option.shape.type.value) as [
  EventType,
  ...EventType[],
]

export const eventEndpoints = {
  sendEvents: endpoint({
    method: 'POST',
    path: '/agent/v1/events',
    tag: 'events',
    summary: 'Store events; answered only when all of them are durable. Sending one again changes nothing.',
    credential: 'agent',
    body: z.object({ events: z.array(AgentEvent).min(1).max(maxEventsPerRequest) }),
    maxBodyBytes: 8 * 1024 * 1024,
    response: z.object({ recorded: Count, known: Count }),
    problems: ['storage.full'],
  }),
  listEvents: endpoint({
    method: 'GET',
    path: '/api/v1/events',
    tag: 'events',
    summary: 'Events, newest first',
    credential: 'operator',
    query: PageQuery.extend({
      agentId: Id.optional(),
      scanId: Id.optional(),
      type: z.enum(eventTypes).optional(),
    }),
    response: pageOf(RecordedEvent),
    problems: [],
  }),
}
