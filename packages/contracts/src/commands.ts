/**
 * Commands: what the server asks of an agent. The agent fetches them with a request that waits; each is carried out at
 * most once, by its id, and answered with an outcome.
 */
import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { HostPath, Id, Sha256, Timestamp } from './primitive.ts'
import { ScanRequest } from './scans.ts'

/** What to do. */
export const CommandOrder = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('scan'), scanId: Id, request: ScanRequest }),
  z.object({ kind: z.literal('cancel-scan'), scanId: Id }),
  z.object({
    kind: z.literal('quarantine'),
    detectionId: Id,
    path: HostPath,
    /** The content that was found: a file that has changed since is scanned again, not moved. */
    sha256: Sha256,
  }),
  z.object({
    kind: z.literal('restore'),
    detectionId: Id,
    quarantineId: Id,
    path: HostPath,
    evenIfInfected: z.boolean(),
  }),
  z.object({
    kind: z.literal('delete'),
    detectionId: Id,
    /** Null when the file is still in its place. */
    quarantineId: Id.nullable(),
    path: HostPath,
    sha256: Sha256,
  }),
])
export type CommandOrder = z.infer<typeof CommandOrder>

/** A command on its way to one agent. */
export const Command = z
  .object({ id: Id, issuedAt: Timestamp, expiresAt: Timestamp, order: CommandOrder })
  .meta({ id: 'Command' })
export type Command = z.infer<typeof Command>

/** What became of it. `accepted`: a scan that now runs; its end comes as an event. */
export const CommandOutcome = z
  .object({ outcome: z.enum(['accepted', 'done', 'failed']), failure: z.string().max(2000).optional() })
  .meta({ id: 'CommandOutcome' })
export type CommandOutcome = z.infer<typeof CommandOutcome>

export const commandEndpoints = {
  fetchCommands: endpoint({
    method: 'GET',
    path: '/agent/v1/commands',
    tag: 'commands',
    summary: 'Commands that wait for this agent; waits up to `wait` seconds for the first',
    credential: 'agent',
    query: z.object({ wait: z.coerce.number().int().min(0).max(55).default(25) }),
    response: z.object({ commands: z.array(Command).max(100), policyVersion: z.int().min(1) }),
    problems: [],
  }),
  answerCommand: endpoint({
    method: 'POST',
    path: '/agent/v1/commands/:commandId/outcome',
    tag: 'commands',
    summary: 'What became of a command; it is not handed out again',
    credential: 'agent',
    params: z.object({ commandId: Id }),
    body: CommandOutcome,
    problems: ['command.unknown'],
  }),
}
