/**
 * Definitions as the fleet sees them: which set a host is assigned (a signed document outside the TUF metadata), which
 * sets the server has published, and where an agent reads the TUF repository.
 */
import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Count, Id, Severity, Sha256, Timestamp } from './primitive.ts'

/** The payload of the signed assignment: this host gets this set. `sequence` only ever grows within a fleet. */
export const DefinitionsAssignment = z.object({
  fleetId: Id,
  agentId: Id,
  sequence: z.int().min(1),
  issuedAt: Timestamp,
  version: z.string().min(1).max(100),
  /** The TUF target path, below definitions/. */
  target: z.string().regex(/^definitions\/[\w.-]{1,200}$/),
  sha256: Sha256,
})
export type DefinitionsAssignment = z.infer<typeof DefinitionsAssignment>

/** The JWS `typ` of an assignment. */
export const assignmentDocumentType = 'coreward-definitions-assignment+jws'

/**
 * The signatures that are new in a set since each of some sets before it, as a set of their own. What is published of a set in the TUF metadata
 * lists them as JSON, in the custom field `additions`; agents of before do not look at it, servers of before have none.
 */
export const PublishedAdditions = z.object({
  version: z.string().min(1).max(100),
  target: z.string().regex(/^definitions\/[\w.-]{1,200}$/),
  /** SHA-256 of the sets since which this is all that is new. */
  since: z.array(Sha256).min(1).max(50),
})
export type PublishedAdditions = z.infer<typeof PublishedAdditions>

/** A line that was not taken into a set. */
export const RefusedSignature = z.object({
  file: z.string().max(500),
  line: z.int().min(0),
  reason: z.string().max(500),
})
export type RefusedSignature = z.infer<typeof RefusedSignature>

/** Signatures in a format that is known and not evaluated. */
export const UnsupportedSignatures = z.object({
  format: z.string().max(100),
  count: Count,
  reason: z.string().max(500),
  /** The first of their names. */
  names: z.array(z.string().max(500)).max(20),
})
export type UnsupportedSignatures = z.infer<typeof UnsupportedSignatures>

/** One of ClamAV's sets (.cvd, .cld, .cud) among the sources, and whether it is what ClamAV signed. */
export const SourceSet = z.object({
  file: z.string().max(500),
  outcome: z.enum(['verified', 'unverified', 'refused']),
  /** Why it is not verified; null when it is. */
  reason: z.string().max(500).nullable(),
  /** Its own number, and when it was built; null when it does not tell. */
  version: Count.nullable(),
  builtAt: Timestamp.nullable(),
})
export type SourceSet = z.infer<typeof SourceSet>

/** What came of the texts that a set was compiled from. Servers and agents of before told the first three alone. */
export const DefinitionsAccount = z.object({
  /** Signatures loaded, by format (hdb, hsb, ndb …). */
  counts: z.record(z.string(), Count),
  refusedCount: Count,
  /** The first hundred refused lines. */
  refused: z.array(RefusedSignature).max(100).default([]),
  /** All refused lines by reason, the most frequent first. */
  refusedKinds: z
    .array(z.object({ reason: z.string().max(500), count: Count }))
    .max(50)
    .default([]),
  /** Lines for other functionality levels of ClamAV. */
  skipped: Count.default(0),
  /** Signatures that an .ign2 file names. */
  ignored: Count.default(0),
  unsupported: z.array(UnsupportedSignatures).max(50).default([]),
  sets: z.array(SourceSet).max(100).default([]),
})
export type DefinitionsAccount = z.infer<typeof DefinitionsAccount>

/** A set's content in numbers. */
export const DefinitionsSummary = z.object({
  version: z.string().min(1).max(100),
  sha256: Sha256,
  bytes: Count,
  createdAt: Timestamp,
  ...DefinitionsAccount.shape,
})
export type DefinitionsSummary = z.infer<typeof DefinitionsSummary>

/** A set the server has published, and how far it has got. */
export const DefinitionsSet = DefinitionsSummary.extend({
  publishedAt: Timestamp,
  current: z.boolean(),
  source: z.string(),
  agentsUsing: Count,
}).meta({ id: 'DefinitionsSet' })
export type DefinitionsSet = z.infer<typeof DefinitionsSet>

/** What is known of a signature, for people who ask why a file was found. */
export const SignatureDescription = z
  .object({
    name: z.string(),
    severity: Severity,
    category: z.string(),
    description: z.string().nullable(),
  })
  .meta({ id: 'SignatureDescription' })
export type SignatureDescription = z.infer<typeof SignatureDescription>

export const definitionsEndpoints = {
  updateFile: endpoint({
    method: 'GET',
    path: '/agent/v1/updates/*',
    tag: 'definitions',
    summary: 'A file of the TUF repository: metadata/NAME.json or targets/PATH',
    credential: 'agent',
    params: z.object({ path: z.string().max(500) }),
    form: 'file',
    problems: ['definitions.unknown'],
  }),
  listDefinitions: endpoint({
    method: 'GET',
    path: '/api/v1/definitions',
    tag: 'definitions',
    summary: 'Published definitions, newest first',
    credential: 'operator',
    response: z.object({ items: z.array(DefinitionsSet) }),
    problems: [],
  }),
}
