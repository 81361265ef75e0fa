/**
 * The entry of one scan thread: takes batches from its pool, scans one file after the other, gives each its result once. Everything
 * it needs is imported here and now; nothing is read from disk later, when the process may no longer be allowed to.
 */
import module from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import { BatchBoard } from './batch-board.ts'
import { createBudget } from './budget.ts'
import { createDecoders } from './decoders/decoders.ts'
import { createImageHasher } from './images/image-hasher.ts'
import { createLinkJudge } from './links/link-judge.ts'
import { createMatcher } from './match/matcher.ts'
import { createRuleJudge } from './rules/rule-judge.ts'
import type { LoadedDefinitions } from './scan-content.ts'
import { scanFile } from './scan-file.ts'
import { openShared, type SharedDefinitions } from './shared-definitions.ts'
import type { ScanResult } from './verdict.ts'
import type { FromWorker, ScanRequest, ToWorker, WorkerSetup } from './worker-messages.ts'

/** Results wait at most so long for others of their batch, in milliseconds. */
const GATHER_MILLISECONDS = 5

/** A thread that was given nothing for so long, in milliseconds, has nothing to do. */
const IDLE_MILLISECONDS = 5_000

if (parentPort === null) throw new Error('worker.ts runs as a worker thread only')
const port = parentPort
const setup = workerData as WorkerSetup
const board = new BatchBoard(setup.board)
const images = createImageHasher(setup.libraries.images)
const decoders = createDecoders(setup.libraries.decoders)
let loaded = setup.definitions === undefined ? undefined : load(setup.definitions)
let sharedAdditions = setup.definitions?.additions
/** Made when they are first asked for: most sets need none. */
let additions: LoadedDefinitions | undefined
// Where Node keeps compiled code, it keeps this thread's: later it may not be allowed to write there.
module.flushCompileCache?.()
/** What scans and definitions have left behind goes once there is nothing to do, where the process lets garbage be collected. */
const idle = setTimeout(collect, IDLE_MILLISECONDS)
/** The batch in hand. */
let inHand: Promise<void> = Promise.resolve()
send({ kind: 'ready' })

port.on('message', (message: ToWorker) => {
  // A batch in hand holds the set it began with to its end; `ready` says that no scan uses the former any more.
  idle.refresh()
  inHand = inHand.then(() => (message.kind === 'scan' ? answer(message.requests) : use(message.definitions)))
})

function use(definitions: SharedDefinitions | undefined): void {
  loaded = definitions === undefined ? undefined : load(definitions)
  sharedAdditions = definitions?.additions
  additions = undefined
  // Their memory is to be free now.
  if (loaded === undefined) globalThis.gc?.()
  send({ kind: 'ready' })
}

function load(shared: SharedDefinitions): LoadedDefinitions {
  const definitions = openShared(shared, { isChecked: true })
  const { memory, length } = shared
  return {
    definitions,
    matcher: createMatcher(definitions, { shared: { memory, length, slot: setup.slot } }),
    rules: createRuleJudge(definitions, setup.libraries.rules),
    images,
    decoders,
    links: createLinkJudge(definitions.links),
  }
}

function signaturesFor({ against }: ScanRequest): LoadedDefinitions {
  if (loaded === undefined) throw new Error('a scan was asked for while there are no definitions')
  if (against === 'all' || sharedAdditions === undefined) return loaded
  additions ??= load(sharedAdditions)
  return additions
}

async function answer(requests: readonly ScanRequest[]): Promise<void> {
  let results: [number, ScanResult][] = []
  let gathered = performance.now()
  for (const [place, request] of requests.entries()) {
    if (!board.begin(place)) continue
    const budget = createBudget(request.limits, () => board.isCancelled(place))
    results.push([place, await scanFile(request.input, signaturesFor(request), budget, request.wishes)])
    board.end(place)
    if (performance.now() - gathered < GATHER_MILLISECONDS) continue
    send({ kind: 'results', results, last: false })
    results = []
    gathered = performance.now()
  }
  send({ kind: 'results', results, last: true })
}

/** As for want of memory: V8 closes up what is left as well. */
function collect(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

function send(message: FromWorker): void {
  port.postMessage(message)
}
