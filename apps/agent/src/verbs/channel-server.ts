/**
 * The answering end of a contract: takes requests of the connections it is given, checks each against the contract, and hands it on.
 * A connection that breaks the contract's frame is ended; one that asks wrongly gets `malformed`.
 */
import { closeSync } from 'node:fs'
import type { DescriptorSocket } from '@coreward/host'
import { MAX_OUTSTANDING } from './channel-client.ts'
import {
  type AnswerFrame,
  asVerbError,
  type Contract,
  decodeFrame,
  encodeFrame,
  type ParamsOf,
  type PartOf,
  RequestFrame,
  type ResultOf,
} from './contract.ts'
import { VerbError } from './verb-error.ts'

export interface Request<P, Part> {
  readonly params: P
  /** The open files that came along, where the verb takes any: at least one. They are closed once the handler has settled, unless it keeps them. */
  readonly descriptors: readonly number[]
  /** Makes the descriptors the handler's own. */
  readonly keepDescriptors: () => void
  /** Answers with a part, where the verb has any. */
  readonly answerPart: (part: Part) => void
  /** Aborts when the client cancels or is gone. */
  readonly signal: AbortSignal
}

/** One handler for each verb. What it throws becomes the answer's code and message. */
export type Handlers<C extends Contract> = {
  readonly [V in keyof C]: (request: Request<ParamsOf<C, V>, PartOf<C, V>>) => Promise<ResultOf<C, V>>
}

/** Serves a connection until it ends. Requests run side by side; more than MAX_OUTSTANDING get `busy`. */
export function serveConnection<C extends Contract>(
  socket: DescriptorSocket,
  contract: C,
  handlers: Handlers<C>,
): void {
  const running = new Map<number, AbortController>()

  const answer = (frame: AnswerFrame) => {
    if (!socket.closed) socket.send(encodeAnswer(frame)).catch(() => socket.close())
  }

  const handle = async (id: number, verb: string, params: unknown, descriptors: readonly number[]) => {
    const controller = new AbortController()
    let isKept = false
    const keepDescriptors = () => {
      isKept = true
    }
    try {
      const definition = Object.hasOwn(contract, verb) ? contract[verb] : undefined
      const handler = handlers[verb as keyof C]
      if (definition === undefined) throw new VerbError('malformed', `There is no verb ${verb}.`)
      if (running.has(id)) throw new VerbError('malformed', `Request ${id} is under way already.`)
      if (running.size >= MAX_OUTSTANDING) throw new VerbError('busy', 'Too many requests are under way.')
      const most = definition.descriptors ?? 0
      if (descriptors.length > most || descriptors.length < Math.min(1, most))
        throw new VerbError('malformed', `${verb} came with ${descriptors.length} descriptors.`)
      const checked = definition.params.safeParse(params)
      if (!checked.success)
        throw new VerbError('malformed', `${verb}: ${checked.error.message}`, checked.error)
      running.set(id, controller)
      const result = await handler({
        params: checked.data as ParamsOf<C, keyof C>,
        descriptors,
        keepDescriptors,
        answerPart: (part) => answer({ id, part }),
        signal: controller.signal,
      })
      answer({ id, result })
    } catch (error) {
      const { code, message } = asVerbError(error)
      answer({ id, code, message: message.slice(0, 4096) })
    } finally {
      if (running.get(id) === controller) running.delete(id)
      for (const descriptor of isKept ? [] : descriptors) closeSync(descriptor)
    }
  }

  socket.start({
    onMessage(message, descriptors) {
      let frame: RequestFrame
      try {
        frame = decodeFrame(RequestFrame, message)
      } catch {
        for (const descriptor of descriptors) closeSync(descriptor)
        socket.close()
        return
      }
      if ('verb' in frame) {
        void handle(frame.id, frame.verb, frame.params, descriptors)
        return
      }
      for (const descriptor of descriptors) closeSync(descriptor)
      running.get(frame.id)?.abort()
    },
    onClose() {
      for (const controller of running.values()) controller.abort()
    },
  })
}

/** An answer that does not fit becomes a failure that says so, so that the client does not wait for nothing. */
function encodeAnswer(frame: AnswerFrame): Uint8Array {
  try {
    return encodeFrame(frame)
  } catch (error) {
    const { code, message } = asVerbError(error)
    return encodeFrame({ id: frame.id, code, message })
  }
}
