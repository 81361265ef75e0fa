import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultLimits } from './limits.ts'
import { createKernelMemory } from './match/kernel-memory.ts'
import type { ScanRequest } from './worker-messages.ts'
import { WorkerPool } from './worker-pool.ts'

// Worker modules that misbehave, in place of worker.ts: the pool must give a result whatever its threads do.
const result = `{ verdict: { outcome: 'clean' }, bytes: 0, bytesRead: 0, fileType: 'data', milliseconds: 0, definitionsVersion: '1' }`
const board = new URL('./batch-board.ts', import.meta.url).href
const entry = (onScan: string) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort, workerData } from 'node:worker_threads'
      import { BatchBoard } from ${JSON.stringify(board)}
      const board = new BatchBoard(workerData.board)
      parentPort.postMessage({ kind: 'ready' })
      parentPort.on('message', ({ kind, requests }) => {
        if (kind === 'definitions') return parentPort.postMessage({ kind: 'ready' })
        const results = []
        requests.forEach(({ input: { bytes } }, place) => {
          if (!board.begin(place)) return
          ${onScan}
          board.end(place)
        })
        parentPort.postMessage({ kind: 'results', results, last: true })
      })
    `)}`,
  )
const answers = `results.push([place, ${result}])`
const sleeps = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30)'

/** None of these needs one. */
const libraries = { rules: { script: '', fd: -1 }, images: { fd: -1 }, decoders: { fd: -1 } }

function start(onScan: string, options: { size?: number; replaceWorkers?: boolean; lost?: string[] } = {}) {
  return WorkerPool.start({
    size: options.size ?? 1,
    definitions: { memory: createKernelMemory(1), length: 1, fd: undefined },
    definitionsVersion: '1',
    libraries,
    graceMilliseconds: 20,
    replaceWorkers: options.replaceWorkers ?? true,
    onWorkerLost: (cause) => options.lost?.push(cause),
    entry: entry(onScan),
  })
}

function request(first: number, timeLimitMilliseconds = 60_000): ScanRequest {
  return {
    input: { bytes: new Uint8Array([first, 0, 0]) },
    limits: { ...defaultLimits, timeLimitMilliseconds },
    against: 'all' as const,
    wishes: {},
  }
}

const reasonOf = (scanned: { verdict: { outcome: string; unscanned?: readonly { reason: string }[] } }) =>
  scanned.verdict.unscanned?.map((part) => part.reason).join() ?? scanned.verdict.outcome

test('a worker that never yields is killed, its scan is timed-out, and the next scan has a new worker', async () => {
  const lost: string[] = []
  await using pool = await start(`if (bytes[0] === 1) while (true) {}; ${answers}`, { lost })
  const hung = await pool.scan(request(1, 10))
  assert.equal(reasonOf(hung), 'timed-out')
  assert.equal(hung.bytes, 3)
  assert.equal(reasonOf(await pool.scan(request(0))), 'clean')
  assert.equal(lost.length, 1)
})

test('a worker that dies turns its own scan into crashed and no other', async () => {
  const lost: string[] = []
  await using pool = await start(`if (bytes[0] === 1) throw new Error('boom'); ${answers}`, {
    size: 2,
    lost,
  })
  const scans = await Promise.all([0, 1, 0, 0, 1, 0, 0].map((first) => pool.scan(request(first))))
  assert.deepEqual(scans.map(reasonOf), ['clean', 'crashed', 'clean', 'clean', 'crashed', 'clean', 'clean'])
  assert.equal(lost.length, 2)
  assert.match(lost[0] ?? '', /boom/)
})

test('of the files that a worker was given with the one it dies at, each has its own result', async () => {
  await using pool = await start(`if (bytes[0] === 1) throw new Error('boom'); ${answers}`)
  const firsts = Array.from({ length: 100 }, (_, index) => (index % 10 === 7 ? 1 : 0))
  const scans = await Promise.all(firsts.map((first) => pool.scan(request(first))))
  assert.deepEqual(
    scans.map(reasonOf),
    firsts.map((first) => (first === 1 ? 'crashed' : 'clean')),
  )
})

test('the time limit is each file’s own: many that keep it are not killed for their sum', async () => {
  const lost: string[] = []
  await using pool = await start(`if (bytes[0] === 1) while (true) {}; ${sleeps}; ${answers}`, { lost })
  const firsts = [0, 0, 0, 0, 1, 0, 0, 0]
  const scans = await Promise.all(firsts.map((first) => pool.scan(request(first, 60))))
  assert.deepEqual(
    scans.map(reasonOf),
    firsts.map((first) => (first === 1 ? 'timed-out' : 'clean')),
  )
  assert.equal(lost.length, 1)
})

test('files that wait behind a slow one go to a worker that has nothing to do', async () => {
  await using pool = await start(`if (bytes[0] === 1) while (true) {}; ${answers}`, { size: 2 })
  const slow = new AbortController()
  const first = pool.scan(request(1), slow.signal)
  const others = Array.from({ length: 40 }, () => pool.scan(request(0)))
  assert.ok((await Promise.all(others)).every((scanned) => reasonOf(scanned) === 'clean'))
  slow.abort()
  assert.equal(reasonOf(await first), 'cancelled')
})

test('a worker that runs out of heap is lost alone', async () => {
  await using pool = await start(
    `if (bytes[0] === 1) { const held = []; while (true) held.push(new Array(1e5).fill({})) }; ${answers}`,
  )
  assert.equal(reasonOf(await pool.scan(request(1))), 'crashed')
  assert.equal(reasonOf(await pool.scan(request(0))), 'clean')
})

test('without replacement, the last worker’s file is crashed and the others are told that no worker is left', async () => {
  const lost: string[] = []
  await using pool = await start('process.exit(3)', { replaceWorkers: false, lost })
  const scans = [0, 1, 2].map((first) => pool.scan(request(first)))
  const [first, ...others] = scans
  assert.equal(reasonOf((await first) as Awaited<(typeof scans)[0]>), 'crashed')
  for (const scan of [...others, pool.scan(request(1))]) await assert.rejects(scan, { code: 'workers-lost' })
  assert.equal(lost.length, 1)
})

test('an aborted signal cancels a scan in the queue and one that a worker does not give up', async () => {
  await using pool = await start('while (true) {}')
  const [running, waiting] = [new AbortController(), new AbortController()]
  const first = pool.scan(request(1), running.signal)
  const second = pool.scan(request(1), waiting.signal)
  waiting.abort()
  assert.equal(reasonOf(await second), 'cancelled')
  running.abort()
  assert.equal(reasonOf(await first), 'cancelled')
  assert.equal(reasonOf(await pool.scan(request(1), AbortSignal.abort())), 'cancelled')
})

test('closing the pool gives every scan a result', async () => {
  const pool = await start('while (true) {}')
  const scans = [pool.scan(request(1)), pool.scan(request(1))]
  await pool[Symbol.asyncDispose]()
  assert.deepEqual((await Promise.all(scans)).map(reasonOf), ['cancelled', 'cancelled'])
})

test('a pool whose workers do not come up says so', async () => {
  const options = {
    size: 2,
    definitions: { memory: createKernelMemory(1), length: 1, fd: undefined },
    definitionsVersion: '1',
    libraries,
    graceMilliseconds: 20,
    replaceWorkers: true,
    onWorkerLost: () => {},
    entry: new URL(`data:text/javascript,${encodeURIComponent("throw new Error('cannot load')")}`),
  }
  await assert.rejects(WorkerPool.start(options), { code: 'workers-not-started', message: /cannot load/ })
})
