import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pino } from 'pino'
import { type FileState, KnownClean } from './known-clean.ts'

const folder = mkdtempSync(join(tmpdir(), 'coreward-clean-'))
after(() => rmSync(folder, { recursive: true }))
const log = pino({ level: 'silent' })
const path = join(folder, 'known.sqlite')

const state: FileState = {
  device: '2049',
  inode: '18446744073709551615',
  size: 5,
  mtimeNs: '1700000000123456789',
  ctimeNs: '1700000000123456789',
}

test('a state is known after a restart, and any difference in it is another state', () => {
  {
    using known = new KnownClean(path, log)
    known.on('basis', false).remember(state)
  }
  using known = new KnownClean(path, log)
  const clean = known.on('basis', false)
  assert.ok(clean.isKnown(state))
  for (const change of [
    { device: '2050' },
    { inode: '1' },
    { size: 6 },
    { mtimeNs: '1700000000123456788' },
    { ctimeNs: '1700000000123456790' },
  ])
    assert.ok(!clean.isKnown({ ...state, ...change }), JSON.stringify(change))
})

test('a fresh scan knows nothing and remembers; another basis forgets, also for a scan that is still under way', () => {
  using known = new KnownClean(path, log)
  const fresh = known.on('first', true)
  fresh.remember(state)
  assert.ok(!fresh.isKnown(state))
  const former = known.on('first', false)
  assert.ok(former.isKnown(state))
  const later = known.on('second', false)
  assert.ok(!later.isKnown(state))
  former.remember(state)
  assert.ok(!former.isKnown(state))
  assert.ok(!known.on('second', false).isKnown(state))
})

test('a file that was changed a moment ago is not remembered', () => {
  using known = new KnownClean(path, log)
  const now = { ...state, ctimeNs: String(BigInt(Date.now()) * 1_000_000n) }
  known.on('moment', false).remember(now)
  assert.ok(!known.on('moment', false).isKnown(now))
})

test('a damaged file of them is thrown away, and one that cannot be made leaves every file to be read', () => {
  writeFileSync(path, 'no database at all, but long enough to be taken for one'.repeat(100))
  {
    using known = new KnownClean(path, log)
    known.on('basis', false).remember(state)
    assert.ok(known.on('basis', false).isKnown(state))
  }
  using nowhere = new KnownClean(join(folder, 'missing', 'known.sqlite'), log)
  nowhere.on('basis', false).remember(state)
  assert.ok(!nowhere.on('basis', false).isKnown(state))
})
