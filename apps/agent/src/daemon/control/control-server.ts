/**
 * The local control socket: lines of JSON, one call a connection, both checked by the contract's schemas. Who may call is decided by
 * the socket's mode: its owner, and root. A caller that goes away ends nothing: a scan goes on until it is cancelled.
 */
import { chmodSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { ControlCall, ControlErrorCode, type ControlMethod, controlMethods } from '@coreward/contracts'
import type { Logger } from 'pino'
import { z } from 'zod'
import { VerbError, type VerbErrorCode } from '../../verbs/verb-error.ts'
import { SpoolError } from '../spool/spool-error.ts'

type Params<M extends ControlMethod> = z.output<(typeof controlMethods)[M]['params']>
type Result<M extends ControlMethod> = z.input<(typeof controlMethods)[M]['result']>
type Progress<M extends ControlMethod> = (typeof controlMethods)[M] extends {
  progress: infer P extends z.ZodType
}
  ? z.input<P>
  : never

/** What each method does. `say` tells the caller how far it is. */
export type ControlHandlers = {
  readonly [M in ControlMethod]: (
    params: Params<M>,
    say: (progress: Progress<M>) => void,
  ) => Promise<Result<M>>
}

/** A call is one line; the longest is a scan of a hundred long paths. */
const MAX_CALL_BYTES = 1024 * 1024

/** A caller that reads nothing is dropped when this much waits for it. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024

export class ControlServer {
  readonly #handlers: ControlHandlers
  readonly #log: Logger
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(handlers: ControlHandlers, log: Logger) {
    this.#handlers = handlers
    this.#log = log
    this.#server = createServer((socket) => this.#accept(socket))
  }

  /** Listens at `path`, in place of a socket that nobody listens on. Rejects when another agent does, or with the system's error. */
  static async listen(path: string, handlers: ControlHandlers, log: Logger): Promise<ControlServer> {
    if (await answers(path))
      throw new Error(`Another agent listens at ${path}; stop it, or use another data folder.`)
    rmSync(path, { force: true })
    const control = new ControlServer(handlers, log)
    await new Promise<void>((resolve, reject) => {
      control.#server.once('error', reject)
      control.#server.listen(path, resolve)
    })
    chmodSync(path, 0o600)
    return control
  }

  /** Ends all calls and takes the socket away. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {
      // The caller went away; what it asked for goes on.
    })
    const lines = createInterface({ input: socket })
    socket.on('data', () => {
      if (socket.bytesRead > MAX_CALL_BYTES) socket.destroy()
    })
    lines.once('line', (line) => {
      void this.#answer(socket, line).finally(() => socket.end())
    })
  }

  async #answer(socket: Socket, line: string): Promise<void> {
    const write = (answer: object) => {
      if (socket.writable && socket.writableLength < MAX_WAITING_BYTES)
        socket.write(`${JSON.stringify(answer)}\n`)
      else socket.destroy()
    }
    try {
      const { method, params } = ControlCall.parse(JSON.parse(line))
      const schemas: { params: z.ZodType; result: z.ZodType } = controlMethods[method]
      // The table's types are exact by method; here the method is any of them.
      const handler = this.#handlers[method] as (
        params: unknown,
        say: (progress: unknown) => void,
      ) => Promise<unknown>
      const result = await handler(schemas.params.parse(params ?? {}), (progress) =>
        write({ kind: 'progress', progress }),
      )
      write({ kind: 'result', result: schemas.result.parse(result) })
    } catch (error) {
      const failure = describe(error)
      if (failure.code === 'failed') this.#log.error({ err: error }, 'control call failed')
      write({ kind: 'error', ...failure })
    }
  }
}

const verbCodes: Partial<Record<VerbErrorCode, ControlErrorCode>> = {
  'no-definitions': 'definitions.none',
  'definitions-refused': 'definitions.refused',
  missing: 'path.missing',
  changed: 'file.changed',
  exists: 'quarantine.exists',
  'quarantine-unknown': 'quarantine.unknown',
  'disk-full': 'disk.full',
}

/** Duties' errors carry codes of the contract where it has them; anything else is `failed` with its text. */
function describe(error: unknown): { code: ControlErrorCode; message: string } {
  if (error instanceof SyntaxError)
    return { code: 'request.malformed', message: 'The call is not a line of JSON.' }
  if (error instanceof z.ZodError) return { code: 'request.malformed', message: z.prettifyError(error) }
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof VerbError) return { code: verbCodes[error.code] ?? 'failed', message }
  if (error instanceof SpoolError) return { code: error.code === 'full' ? 'disk.full' : 'failed', message }
  const code =
    error instanceof Error && 'code' in error ? ControlErrorCode.safeParse(error.code).data : undefined
  return { code: code ?? 'failed', message }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
