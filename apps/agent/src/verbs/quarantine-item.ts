/**
 * A file in quarantine, as the verbs tell it. Its extended attributes and its key stay in the store.
 */
import * as z from 'zod/mini'
import { FileIdentity, FilePath } from './file-facts.ts'

/** What was found in a file that is to be quarantined. */
export const QuarantineReason = z.object({
  /** The file as it was scanned: only that file, in that state, is moved. */
  identity: FileIdentity,
  /** The scanned content's SHA-256 in lower-case hex. */
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  signature: z.string().check(z.minLength(1), z.maxLength(500)),
  severity: z.enum(['low', 'moderate', 'high', 'severe']),
  category: z.string().check(z.maxLength(200)),
  innerPath: z.nullable(z.string().check(z.maxLength(4096))),
  detectionId: z.nullable(z.uuid()),
  definitionsVersion: z.string().check(z.maxLength(100)),
})
export type QuarantineReason = Readonly<z.infer<typeof QuarantineReason>>

export const QuarantineItem = z.extend(z.omit(QuarantineReason, { identity: true }), {
  id: z.uuid(),
  /** Where the file was. */
  path: FilePath,
  size: z.int().check(z.gte(0)),
  uid: z.int(),
  gid: z.int(),
  /** Names of owner and group then, or their numbers as text. */
  owner: z.string(),
  group: z.string(),
  /** Permission bits only (07777). */
  mode: z.int(),
  /** How many names the file had; other names still lead to its content. */
  links: z.int(),
  atimeNs: z.string(),
  mtimeNs: z.string(),
  /** RFC 3339, UTC. */
  quarantinedAt: z.string(),
})
export type QuarantineItem = Readonly<z.infer<typeof QuarantineItem>>

/** Where a restored file now is, and which of its extended attributes the system did not take back. */
export const RestoredFile = z.object({ path: FilePath, lostAttributes: z.array(z.string()) })
export type RestoredFile = {
  readonly path: string
  readonly lostAttributes: readonly string[]
}
