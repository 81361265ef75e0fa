/** Compiling in a process of its own: what the server hands it, and what it hears. Its memory is given back when it ends. */
import { fork } from 'node:child_process'
import type { CompiledSet } from '../definitions/definitions.ts'
import { ServerError, type ServerErrorCode } from '../server-error.ts'
import type { CompileOrder } from './compile-set.ts'

/** Its young generation has 16 MB at most: lines are garbage at once, and a larger one costs memory and no less time. */
const nodeOptions = ['--max-semi-space-size=16']

/** What the process says: any number of times how far it is, then one of the others. */
export type FromCompiler =
  | { readonly kind: 'progress'; readonly lines: number }
  | { readonly kind: 'done'; readonly compiled: CompiledSet }
  | { readonly kind: 'failed'; readonly code?: ServerErrorCode; readonly message: string }

/**
 * Has an order carried out. `onProgress` is told the number of lines read. Rejects with ServerError: as the compiler does, and
 * `definitions-refused` when the process came to an end without an answer.
 */
export function compileInProcess(
  order: CompileOrder,
  onProgress: (lines: number) => void,
): Promise<CompiledSet> {
  const { promise, resolve, reject } = Promise.withResolvers<CompiledSet>()
  const child = fork(new URL('./compile-child.ts', import.meta.url), { execArgv: nodeOptions })
  child.on('error', (cause) => reject(refused(`could not be started: ${cause.message}`, cause)))
  child.on('message', (message: FromCompiler) => {
    if (message.kind === 'progress') onProgress(message.lines)
    else if (message.kind === 'done') resolve(message.compiled)
    else if (message.code !== undefined) reject(new ServerError(message.code, message.message))
    else reject(refused(`failed: ${message.message}`))
  })
  child.on('exit', (code, signal) => reject(refused(`ended with ${signal ?? code} before it was done`)))
  child.send(order)
  return promise
}

function refused(what: string, cause?: Error): ServerError {
  return new ServerError(
    'definitions-refused',
    `The process that compiles definitions ${what}. Look for a lack of memory or disk, and start again.`,
    { cause },
  )
}
