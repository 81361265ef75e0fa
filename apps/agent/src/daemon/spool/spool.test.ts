import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, test } from 'node:test'
import type { EventContent } from '@coreward/contracts'
import { Spool } from './spool.ts'
import { SpoolError } from './spool-error.ts'

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coreward-spool-'))
  path = join(folder, 'spool.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const stopped: EventContent = { type: 'agent.stopped', data: {} }
const child = join(import.meta.dirname, 'enqueuing-child.fixture.ts')

test('an event is there when the spool is opened again, with its number', () => {
  const first = new Spool(path)
  const event = first.enqueue({ type: 'policy.applied', data: { version: 3, previous: null } })
  first[Symbol.dispose]()
  using second = new Spool(path)
  assert.deepEqual(second.lease(10), [event])
  assert.equal(second.waiting, 1)
  assert.equal(second.installationId, first.installationId)
})

test('a leased event is not leased twice, comes back by rollback and is gone by commit', () => {
  using spool = new Spool(path)
  const [one, two] = [spool.enqueue(stopped), spool.enqueue(stopped)]
  assert.deepEqual(spool.lease(1), [one])
  assert.deepEqual(spool.lease(5), [two])
  spool.rollback([one.id])
  assert.deepEqual(spool.lease(5), [one])
  spool.commit([one.id, two.id])
  assert.deepEqual(spool.lease(5), [])
  assert.equal(spool.waiting, 0)
  assert.deepEqual(
    spool.list(10).map((event) => [event.sequence, event.delivered]),
    [
      [2, true],
      [1, true],
    ],
  )
})

test('an event committed twice is counted once', () => {
  using spool = new Spool(path)
  const { id } = spool.enqueue(stopped)
  spool.enqueue(stopped)
  spool.commit([id])
  spool.commit([id])
  assert.equal(spool.waiting, 1)
})

test('delivered events are kept up to a bound, and numbers are never used again', () => {
  using spool = new Spool(path, { maxDelivered: 3 })
  spool.commit(Array.from({ length: 5 }, () => spool.enqueue(stopped).id))
  assert.deepEqual(
    spool.list(10).map((event) => event.sequence),
    [5, 4, 3],
  )
  assert.equal(spool.enqueue(stopped).sequence, 6)
})

test('a full spool refuses new events, keeps the old ones and says how many it refused', () => {
  using spool = new Spool(path, { maxWaiting: 2 })
  spool.enqueue(stopped)
  const { id } = spool.enqueue(stopped)
  for (const _ of [1, 2]) {
    assert.throws(
      () => spool.enqueue(stopped),
      (error) =>
        error instanceof SpoolError && error.code === 'full' && /reach its server/.test(error.message),
    )
  }
  assert.equal(spool.refused, 2)
  spool.commit([id])
  assert.equal(spool.enqueue(stopped).sequence, 3)
  assert.equal(spool.refused, 0)
})

test('an event and the change that belongs to it are stored together or not at all', () => {
  using spool = new Spool(path)
  assert.throws(() =>
    spool.enqueueWith(stopped, () => {
      spool.detections.see('a', '/b')
      throw new Error('after the change')
    }),
  )
  assert.equal(spool.waiting, 0)
  assert.equal(spool.detections.pathOf('a'), undefined)
  assert.equal(spool.enqueue(stopped).sequence, 1)
})

test('every event that enqueue returned survives kill -9, with no gap in the numbers', async () => {
  let told = 0
  for (let round = 0; round < 5; round += 1) {
    const process = spawn(globalThis.process.execPath, [child, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines = createInterface({ input: process.stdout })
    let left = 20 + round * 37
    for await (const line of lines) {
      told = Number(line)
      left -= 1
      if (left === 0) process.kill('SIGKILL')
    }
    if (process.exitCode === null && process.signalCode === null) await once(process, 'exit')
  }
  using spool = new Spool(path)
  const sequences = spool.lease(100_000).map((event) => event.sequence)
  assert.deepEqual(
    sequences,
    Array.from({ length: sequences.length }, (_, index) => index + 1),
  )
  assert.ok(sequences.length >= told, `${told} were told of, ${sequences.length} are there`)
})

test('a disk that takes no more is told as full, and what was stored before stays', () => {
  const limited = 'trap "" XFSZ; ulimit -f 400; exec "$0" "$@"'
  const { stdout } = spawnSync('sh', ['-c', limited, process.execPath, child, path, '5000', '2000'], {
    encoding: 'utf8',
  })
  const lines = stdout.trim().split('\n')
  assert.equal(lines.at(-1), 'refused full', stdout.slice(-200))
  using spool = new Spool(path)
  assert.equal(spool.lease(10_000).length, lines.length - 1)
})

test('a file that is no database is put aside and a new spool begun', () => {
  writeFileSync(path, 'not a database, and longer than a header '.repeat(100))
  using spool = new Spool(path)
  assert.ok(spool.setAside !== undefined && statSync(spool.setAside).size > 0)
  spool.enqueue(stopped)
  assert.equal(statSync(path).mode & 0o777, 0o600)
})

test('a command is new once, and its outcome is remembered over a restart', () => {
  const expires = new Date(Date.now() + 60_000).toISOString()
  {
    using spool = new Spool(path)
    assert.deepEqual(spool.commands.begin('c', expires), { state: 'new' })
    assert.deepEqual(spool.commands.begin('c', expires), { state: 'known', outcome: null })
    spool.commands.end('c', { outcome: 'done' })
  }
  using spool = new Spool(path)
  assert.deepEqual(spool.commands.begin('c', expires), { state: 'known', outcome: { outcome: 'done' } })
})

test('the path of a detection comes back byte for byte', () => {
  using spool = new Spool(path)
  spool.detections.see('d', '/tmp/\udcff\udc80 ü')
  assert.equal(spool.detections.pathOf('d'), '/tmp/\udcff\udc80 ü')
  spool.detections.place('d', 'q')
  assert.deepEqual(spool.detections.inQuarantine('q'), ['d'])
})
