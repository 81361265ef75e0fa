/** The process that a session runs in: started by supervise.ts with the target's name and the options, and tells it what happens. */
import { startCoverage } from './coverage.ts'
import { fuzz, type Progress, type SessionOptions } from './session.ts'
import { openStore } from './store.ts'
import { findTarget } from './target-list.ts'
import type { Fault } from './trial.ts'

export type FromChild =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'fault'; readonly fault: Fault; readonly input: string }
  | { readonly kind: 'end'; readonly progress: Progress }

const [name = '', options = '{}'] = process.argv.slice(2)
Error.stackTraceLimit = 0
const coverage = startCoverage()
const target = await findTarget(name)
const progress = await fuzz(target, coverage, openStore(name), JSON.parse(options) as SessionOptions, {
  onProgress: (progress) => tell({ kind: 'progress', progress }),
  onFault: (fault, input) => tell({ kind: 'fault', fault, input: Buffer.from(input).toString('base64') }),
})
tell({ kind: 'end', progress })
process.disconnect()

function tell(message: FromChild): void {
  process.send?.(message)
}
