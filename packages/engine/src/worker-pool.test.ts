import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultLimits } from './limits.ts'
import type { ScanRequest } from './worker-messages.ts'
import { WorkerPool } from './worker-pool.ts'

// Worker modules that misbehave, in place of worker.ts: the pool must give a result whatever its threads do.
const result = `{ verdict: { outcome: 'clean' }, bytes: 0, bytesRead: 0, fileType: 'data', milliseconds: 0, definitionsVersion: '1' }`
const entry = (onScan: string) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort, workerData } from 'node:worker_threads'
      parentPort.postMessage({ kind: 'ready' })
      parentPort.on('message', (message) => {
        if (message.kind === 'definitions') parentPort.postMessage({ kind: 'ready' })
        else { const bytes = message.request.input.bytes; ${onScan} }
      })
    `)}`,
  )
const answers = `parentPort.postMessage({ kind: 'result', result: ${result} })`

function start(onScan: string, options: { size?: number; replaceWorkers?: boolean; lost?: string[] } = {}) {
  return WorkerPool.start({
    size: options.size ?? 1,
    definitions: { memory: new SharedArrayBuffer(1), fd: undefined },
    definitionsVersion: '1',
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
    sha256: false,
  }
}

const reasonOf = (scanned: { verdict: { outcome: string; unscanned?: readonly { reason: string }[] } }) =>
  scanned.verdict.unscanned?.map((part) => part.reason).join() ?? scanned.verdict.outcome

test('a worker that never yields is killed, its scan is timed-out, and the next scan has a new worker', async () => {
  const lost: string[] = []
  await using pool = await start(`if (bytes[0] === 1) while (true) {} else ${answers}`, { lost })
  const hung = await pool.scan(request(1, 10))
  assert.equal(reasonOf(hung), 'timed-out')
  assert.equal(hung.bytes, 3)
  assert.equal(reasonOf(await pool.scan(request(0))), 'clean')
  assert.equal(lost.length, 1)
})

test('a worker that dies turns its own scan into crashed and no other', async () => {
  const lost: string[] = []
  await using pool = await start(`if (bytes[0] === 1) throw new Error('boom'); else ${answers}`, {
    size: 2,
    lost,
  })
  const scans = await Promise.all([0, 1, 0, 0, 1, 0, 0].map((first) => pool.scan(request(first))))
  assert.deepEqual(scans.map(reasonOf), ['clean', 'crashed', 'clean', 'clean', 'crashed', 'clean', 'clean'])
  assert.equal(lost.length, 2)
  assert.match(lost[0] ?? '', /boom/)
})

test('a worker that runs out of heap is lost alone', async () => {
  await using pool = await start(
    `if (bytes[0] === 1) { const held = []; while (true) held.push(new Array(1e5).fill({})) } else ${answers}`,
  )
  assert.equal(reasonOf(await pool.scan(request(1))), 'crashed')
  assert.equal(reasonOf(await pool.scan(request(0))), 'clean')
})

test('without replacement, scans end as crashed once the last worker is lost', async () => {
  const lost: string[] = []
  await using pool = await start('process.exit(3)', { replaceWorkers: false, lost })
  const scans = await Promise.all([pool.scan(request(1)), pool.scan(request(1))])
  assert.deepEqual(scans.map(reasonOf), ['crashed', 'crashed'])
  assert.equal(reasonOf(await pool.scan(request(0))), 'crashed')
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
    definitions: { memory: new SharedArrayBuffer(1), fd: undefined },
    definitionsVersion: '1',
    graceMilliseconds: 20,
    replaceWorkers: true,
    onWorkerLost: () => {},
    entry: new URL(`data:text/javascript,${encodeURIComponent("throw new Error('cannot load')")}`),
  }
  await assert.rejects(WorkerPool.start(options), { code: 'workers-not-started', message: /cannot load/ })
})
