/**
 * Calls the daemon over its control socket: one call a connection, lines of JSON, answers checked by schema. It knows
 * nothing of what the methods mean.
 */
import { createConnection } from 'node:net'
import { createInterface } from 'node:readline'
import { type ControlErrorCode, ControlLine, type ControlMethod, controlMethods } from '@coreward/contracts'
import type { z } from 'zod'

type Params<M extends ControlMethod> = z.input<(typeof controlMethods)[M]['params']>
type Result<M extends ControlMethod> = z.output<(typeof controlMethods)[M]['result']>
type Progress<M extends ControlMethod> = (typeof controlMethods)[M] extends {
  progress: infer P extends z.ZodType
}
  ? z.output<P>
  : never

/** A call that failed: at the socket, or as the daemon says. `agent.unreachable` is this side's own code. */
export class ControlError extends Error {
  readonly code: ControlErrorCode | 'agent.unreachable'

  constructor(code: ControlErrorCode | 'agent.unreachable', message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ControlError'
    this.code = code
  }
}

/** Calls one method; `onProgress` hears what the daemon says before the result. Throws ControlError. */
export type CallAgent = <M extends ControlMethod>(
  method: M,
  params: Params<M>,
  onProgress?: (progress: Progress<M>) => void,
) => Promise<Result<M>>

/** A caller for the daemon that listens at `socketPath`. */
export function controlClient(socketPath: string): CallAgent {
  return async (method, params, onProgress) => {
    const socket = createConnection(socketPath)
    const failure = new Promise<never>((_, reject) => {
      socket.once('error', (cause: NodeJS.ErrnoException) => reject(unreachable(socketPath, cause)))
    })
    failure.catch(() => undefined)
    try {
      socket.write(`${JSON.stringify({ method, params })}\n`)
      return await Promise.race([failure, readAnswer(socket, method, onProgress)])
    } finally {
      socket.destroy()
    }
  }
}

async function readAnswer<M extends ControlMethod>(
  socket: NodeJS.ReadableStream,
  method: M,
  onProgress: ((progress: Progress<M>) => void) | undefined,
): Promise<Result<M>> {
  const schemas: { result: z.ZodType; progress?: z.ZodType } = controlMethods[method]
  for await (const text of createInterface({ input: socket })) {
    const line = ControlLine.parse(JSON.parse(text))
    if (line.kind === 'error') throw new ControlError(line.code, line.message)
    if (line.kind === 'result') return schemas.result.parse(line.result) as Result<M>
    onProgress?.(schemas.progress?.parse(line.progress) as Progress<M>)
  }
  throw new ControlError(
    'agent.unreachable',
    'The agent closed the connection before it answered; see its log',
  )
}

function unreachable(socketPath: string, cause: NodeJS.ErrnoException): ControlError {
  const why =
    cause.code === 'EACCES'
      ? `You may not use the agent at ${socketPath}: run this as root, or as the user who started the agent`
      : cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED'
        ? `No agent is running at ${socketPath}: start it with coreward run, or name its data folder with --data-folder`
        : `The agent at ${socketPath} cannot be reached: ${cause.message}`
  return new ControlError('agent.unreachable', why, { cause })
}
