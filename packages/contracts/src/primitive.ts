/**
 * The small values that many messages share: identifiers, times, digests, pages.
 * Every one is bounded, so a message that validates can be stored and shown as it is.
 */
import { z } from 'zod'

/** An identifier made by whoever creates the thing: an RFC 9562 UUID in lower case. */
export const Id = z.uuid().meta({ id: 'Id' })
export type Id = z.infer<typeof Id>

/** An instant, RFC 3339 in UTC with milliseconds: what Date.prototype.toISOString gives. */
export const Timestamp = z.iso.datetime().meta({ id: 'Timestamp' })
export type Timestamp = z.infer<typeof Timestamp>

/** A SHA-256 in lower-case hexadecimal. */
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ id: 'Sha256' })
export type Sha256 = z.infer<typeof Sha256>

/** An absolute path on a host. Bytes that are not UTF-8 are shown percent-encoded by the agent. */
export const HostPath = z.string().min(1).max(4096).meta({ id: 'HostPath' })
export type HostPath = z.infer<typeof HostPath>

/** A count or a size in bytes that a JavaScript number holds exactly. */
export const Count = z.int().min(0)

/** How bad a threat is, worst last. */
export const Severity = z.enum(['low', 'moderate', 'high', 'severe']).meta({ id: 'Severity' })
export type Severity = z.infer<typeof Severity>

/** A question that lists things: search words, where to go on, how many at once. */
export const PageQuery = z.object({
  search: z.string().max(200).optional(),
  cursor: z.string().max(400).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
})
export type PageQuery = z.infer<typeof PageQuery>

/** One page of a list. `total` counts all that match, not only this page; `next` is absent on the last page. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), total: Count, next: z.string().optional() })
