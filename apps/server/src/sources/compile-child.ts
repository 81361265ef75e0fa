/** The process that compiles: takes one order from its parent, tells its progress, answers once and ends. */
import { ServerError } from '../server-error.ts'
import type { FromCompiler } from './compile-process.ts'
import { type CompileOrder, compileSet } from './compile-set.ts'

process.once('message', async (order: CompileOrder) => {
  try {
    tell({ kind: 'done', compiled: await compileSet(order, (lines) => tell({ kind: 'progress', lines })) })
  } catch (error) {
    const { message, code } = error as ServerError
    tell({ kind: 'failed', message, ...(error instanceof ServerError ? { code } : {}) })
  }
  process.disconnect()
})

function tell(message: FromCompiler): void {
  process.send?.(message)
}
