/**
 * The shape of a contract between two of our processes, and its frames on the socket: JSON in one message each. A request has an id and
 * gets one answer with that id, and before it any number of parts where the verb has parts; a cancel has the id of a request under way
 * and gets none.
 */
import { MESSAGE_BYTES } from '@coreward/host'
import * as z from 'zod/mini'
import { VerbError, VerbErrorCode } from './verb-error.ts'

/**
 * Verbs by name: what each takes and answers. A verb with `descriptors` takes that many open files along, at least one and at most so
 * many; one with `part` answers piece by piece before its result.
 */
export interface VerbDefinition {
  readonly params: z.ZodMiniType
  readonly result: z.ZodMiniType
  readonly part?: z.ZodMiniType
  readonly descriptors?: number
}
export type Contract = Readonly<Record<string, VerbDefinition>>

export type ParamsOf<C extends Contract, V extends keyof C> = z.input<C[V]['params']>
export type ResultOf<C extends Contract, V extends keyof C> = z.output<C[V]['result']>
/** `never` for a verb without parts. */
export type PartOf<C extends Contract, V extends keyof C> = C[V] extends {
  readonly part: infer P extends z.ZodMiniType
}
  ? z.output<P>
  : never

const id = z.int().check(z.gte(1))

/** From the client. */
export const RequestFrame = z.union([
  z.strictObject({ id, verb: z.string().check(z.maxLength(40)), params: z.unknown() }),
  z.strictObject({ id, cancel: z.literal(true) }),
])

/** From the server. */
export const AnswerFrame = z.union([
  z.strictObject({ id, part: z.unknown() }),
  z.strictObject({ id, code: VerbErrorCode, message: z.string() }),
  z.strictObject({ id, result: z.unknown() }),
])
export type RequestFrame = z.infer<typeof RequestFrame>
export type AnswerFrame = z.infer<typeof AnswerFrame>

/** A frame's bytes. Throws VerbError `malformed` when they do not fit in one message. */
export function encodeFrame(frame: RequestFrame | AnswerFrame): Uint8Array {
  const bytes = Buffer.from(JSON.stringify(frame), 'utf8')
  if (bytes.length > MESSAGE_BYTES) {
    throw new VerbError('malformed', `A message of ${bytes.length} bytes is longer than ${MESSAGE_BYTES}.`)
  }
  return bytes
}

/** A frame from bytes. Throws VerbError `malformed`. */
export function decodeFrame<T extends z.ZodMiniType>(schema: T, bytes: Uint8Array): z.output<T> {
  try {
    return schema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch (error) {
    throw new VerbError('malformed', 'A message between our processes does not keep the contract.', error)
  }
}

/** Any failure as a VerbError; what is none already becomes `failed`. */
export function asVerbError(error: unknown): VerbError {
  if (error instanceof VerbError) return error
  return new VerbError('failed', error instanceof Error ? error.message : String(error), error)
}
