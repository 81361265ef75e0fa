/**
 * The entry of one scan thread: takes orders from its pool, scans one file at a time, answers each order once. Everything
 * it needs is imported here and now; nothing is read from disk later, when the process may no longer be allowed to.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { createBudget } from './budget.ts'
import { createMatcher } from './match/matcher.ts'
import type { LoadedDefinitions } from './scan-content.ts'
import { scanFile } from './scan-file.ts'
import { openShared, type SharedDefinitions } from './shared-definitions.ts'
import type { FromWorker, ToWorker, WorkerSetup } from './worker-messages.ts'

if (parentPort === null) throw new Error('worker.ts runs as a worker thread only')
const port = parentPort
const setup = workerData as WorkerSetup
let loaded = load(setup.definitions)
send({ kind: 'ready' })

port.on('message', (message: ToWorker) => {
  if (message.kind === 'definitions') {
    // A scan in flight holds the set it began with.
    loaded = load(message.definitions)
    send({ kind: 'ready' })
  } else {
    void answer(message)
  }
})

function load(shared: SharedDefinitions): LoadedDefinitions {
  const definitions = openShared(shared)
  return { definitions, matcher: createMatcher(definitions) }
}

async function answer({ request }: Extract<ToWorker, { kind: 'scan' }>): Promise<void> {
  const budget = createBudget(request.limits, () => Atomics.load(setup.cancelled, 0) !== 0)
  send({ kind: 'result', result: await scanFile(request.input, loaded, budget, request.sha256) })
}

function send(message: FromWorker): void {
  port.postMessage(message)
}
