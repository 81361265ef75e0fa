import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { stateOf } from '@coreward/host'
import { pino } from 'pino'
import { KnownClean } from './known-clean.ts'

const folder = mkdtempSync(join(tmpdir(), 'coreward-clean-'))
after(() => rmSync(folder, { recursive: true }))
const log = pino({ level: 'silent' })
const path = join(folder, 'known.table')

const status = {
  dev: 2049n,
  ino: 2n ** 64n - 1n,
  size: 5n,
  mtimeNs: 1_700_000_000_123_456_789n,
  ctimeNs: 1_700_000_000_123_456_789n,
}
const state = stateOf(status)
const now = Date.now()

test('a state is known after a restart, and any difference in it is another state', () => {
  {
    using clean = new KnownClean(path, log).on('basis', false)
    clean.remember(state, now)
  }
  using clean = new KnownClean(path, log).on('basis', false)
  assert.ok(clean.isKnown(state, 0))
  assert.ok(clean.isKnown(Uint32Array.of(1, 2, ...state), 2))
  for (const change of [
    { dev: 2050n },
    { ino: 1n },
    { size: 6n },
    { size: 5n + (1n << 32n) },
    { mtimeNs: 1_700_000_000_123_456_788n },
    { ctimeNs: 1_700_000_000_123_456_790n },
    { ctimeNs: 1_700_000_001_123_456_789n },
  ])
    assert.ok(!clean.isKnown(stateOf({ ...status, ...change }), 0), Object.keys(change).join())
})

test('a file that changed takes its own place', () => {
  using clean = new KnownClean(path, log).on('change', false)
  const changed = stateOf({ ...status, size: 6n })
  clean.remember(state, now)
  clean.remember(changed, now)
  assert.ok(clean.isKnown(changed, 0))
  assert.ok(!clean.isKnown(state, 0))
})

test('a fresh scan knows nothing and remembers; another basis forgets, also for a scan that is still under way', () => {
  const known = new KnownClean(path, log)
  using fresh = known.on('first', true)
  fresh.remember(state, now)
  assert.ok(!fresh.isKnown(state, 0))
  using former = known.on('first', false)
  assert.ok(former.isKnown(state, 0))
  {
    using later = known.on('second', false)
    assert.ok(!later.isKnown(state, 0))
    former.remember(state, now)
    assert.ok(!former.isKnown(state, 0))
    assert.ok(!later.isKnown(state, 0))
  }
  using again = known.on('second', false)
  assert.ok(!again.isKnown(state, 0))
})

test('a file that was changed a moment before it was opened is not remembered, however long its scan took', () => {
  using clean = new KnownClean(path, log).on('moment', false)
  const changed = now - 10_000
  const moment = stateOf({ ...status, ctimeNs: BigInt(changed) * 1_000_000n })
  clean.remember(moment, changed + 1_500)
  assert.ok(!clean.isKnown(moment, 0))
  clean.remember(moment, changed + 2_500)
  assert.ok(clean.isKnown(moment, 0))
})

test('what is kept is on the disk when the scan ends, and in the middle of a long one', () => {
  const known = new KnownClean(path, log)
  const many = Array.from({ length: 60_000 }, (_, at) => stateOf({ ...status, ino: BigInt(at) }))
  {
    using clean = known.on('many', false)
    for (const each of many) clean.remember(each, now)
    using killed = new KnownClean(path, log).on('many', false)
    const kept = many.filter((each) => killed.isKnown(each, 0)).length
    assert.ok(kept >= 50_000 && kept < 60_000, String(kept))
  }
  using clean = known.on('many', false)
  assert.ok(many.every((each) => clean.isKnown(each, 0)))
})

test('a damaged, cut or foreign file counts for nothing, and one that cannot be written leaves every file to be read', () => {
  {
    using clean = new KnownClean(path, log).on('basis', false)
    clean.remember(state, now)
  }
  const whole = readFileSync(path)
  const isKnown = (bytes: Uint8Array, basis = 'basis') => {
    writeFileSync(path, bytes)
    using clean = new KnownClean(path, log).on(basis, false)
    return clean.isKnown(state, 0)
  }
  assert.ok(isKnown(whole))
  assert.ok(!isKnown(whole, 'another'))
  for (let at = 0; at < whole.length; at += 1) {
    assert.ok(!isKnown(whole.subarray(0, at)), `cut at ${at}`)
    const flipped = Buffer.from(whole)
    flipped[at] = (flipped[at] as number) ^ 1
    assert.ok(!isKnown(flipped), `flipped at ${at}`)
  }
  const nowhere = new KnownClean(join(folder, 'missing', 'known.table'), log)
  {
    using clean = nowhere.on('basis', false)
    clean.remember(state, now)
  }
  using clean = nowhere.on('basis', false)
  assert.ok(!clean.isKnown(state, 0))
})
