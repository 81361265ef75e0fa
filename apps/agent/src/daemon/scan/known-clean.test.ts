import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Reach, type Rereading, surfaceBits } from '@coreward/definitions'
import type { Surface } from '@coreward/engine'
import { stateOf } from '@coreward/host'
import { pino } from 'pino'
import { type CleanFiles, KnownClean } from './known-clean.ts'

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
const plain = (definitions: string) => ({ definitions, rest: 'rest', additions: () => undefined })

test('a state is known after a restart, and any difference in it is another state', () => {
  {
    using clean = new KnownClean(path, log).on(plain('basis'), false)
    clean.remember(state, now, undefined)
  }
  using clean = new KnownClean(path, log).on(plain('basis'), false)
  assert.equal(clean.standing(state, 0), 'known')
  assert.ok(clean.standing(Uint32Array.of(1, 2, ...state), 2) === 'known')
  for (const change of [
    { dev: 2050n },
    { ino: 1n },
    { size: 6n },
    { size: 5n + (1n << 32n) },
    { mtimeNs: 1_700_000_000_123_456_788n },
    { ctimeNs: 1_700_000_000_123_456_790n },
    { ctimeNs: 1_700_000_001_123_456_789n },
  ])
    assert.ok(clean.standing(stateOf({ ...status, ...change }), 0) !== 'known', Object.keys(change).join())
})

test('a file that changed takes its own place', () => {
  using clean = new KnownClean(path, log).on(plain('change'), false)
  const changed = stateOf({ ...status, size: 6n })
  clean.remember(state, now, undefined)
  clean.remember(changed, now, undefined)
  assert.ok(clean.standing(changed, 0) === 'known')
  assert.ok(clean.standing(state, 0) !== 'known')
})

test('a fresh scan knows nothing and remembers; another basis forgets, also for a scan that is still under way', () => {
  const known = new KnownClean(path, log)
  using fresh = known.on(plain('first'), true)
  fresh.remember(state, now, undefined)
  assert.ok(fresh.standing(state, 0) !== 'known')
  using former = known.on(plain('first'), false)
  assert.ok(former.standing(state, 0) === 'known')
  {
    using later = known.on(plain('second'), false)
    assert.ok(later.standing(state, 0) !== 'known')
    former.remember(state, now, undefined)
    assert.ok(former.standing(state, 0) !== 'known')
    assert.ok(later.standing(state, 0) !== 'known')
  }
  using again = known.on(plain('second'), false)
  assert.ok(again.standing(state, 0) !== 'known')
})

test('a file that was changed a moment before it was opened is not remembered, however long its scan took', () => {
  using clean = new KnownClean(path, log).on(plain('moment'), false)
  const changed = now - 10_000
  const moment = stateOf({ ...status, ctimeNs: BigInt(changed) * 1_000_000n })
  clean.remember(moment, changed + 1_500, undefined)
  assert.ok(clean.standing(moment, 0) !== 'known')
  clean.remember(moment, changed + 2_500, undefined)
  assert.ok(clean.standing(moment, 0) === 'known')
})

test('what is kept is on the disk when the scan ends, and in the middle of a long one', () => {
  const known = new KnownClean(path, log)
  const many = Array.from({ length: 60_000 }, (_, at) => stateOf({ ...status, ino: BigInt(at) }))
  {
    using clean = known.on(plain('many'), false)
    for (const each of many) clean.remember(each, now, undefined)
    using killed = new KnownClean(path, log).on(plain('many'), false)
    const kept = many.filter((each) => killed.standing(each, 0) === 'known').length
    assert.ok(kept >= 50_000 && kept < 60_000, String(kept))
  }
  using clean = known.on(plain('many'), false)
  assert.ok(many.every((each) => clean.standing(each, 0) === 'known'))
})

test('a damaged, cut or foreign file counts for nothing, and one that cannot be written leaves every file to be read', () => {
  {
    using clean = new KnownClean(path, log).on(plain('basis'), false)
    clean.remember(state, now, undefined)
  }
  const whole = readFileSync(path)
  const isKnown = (bytes: Uint8Array, basis = 'basis') => {
    writeFileSync(path, bytes)
    using clean = new KnownClean(path, log).on(plain(basis), false)
    return clean.standing(state, 0) === 'known'
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
    using clean = nowhere.on(plain('basis'), false)
    clean.remember(state, now, undefined)
  }
  using clean = nowhere.on(plain('basis'), false)
  assert.ok(clean.standing(state, 0) !== 'known')
})

/** Of a size: what is to be read again. */
const rereadings: Readonly<Record<number, Rereading>> = { 1: 'nothing', 2: 'additions', 3: 'whole' }
const ofSize = (size: number) => stateOf({ ...status, ino: BigInt(size), size: BigInt(size) })
const reach: Reach = { rereading: ({ size }) => rereadings[size] ?? 'whole' }
const surface: Surface = { bits: 1 }
const withAdditions = (definitions: string, since: readonly string[]) => ({
  ...plain(definitions),
  additions: () => ({ version: `${definitions}-since`, since, reach }),
})
const standings = (clean: CleanFiles) => [1, 2, 3].map((size) => clean.standing(ofSize(size), 0))
const begin = (name: string) => {
  const known = new KnownClean(join(folder, name), log)
  using clean = known.on(plain('one'), false)
  for (const size of [1, 2, 3]) clean.remember(ofSize(size), now, surface)
  return () => new KnownClean(join(folder, name), log)
}

test('what was clean before signatures were added is answered, read against them, or read again', () => {
  const restarted = begin('carried')
  assert.deepEqual([...restarted().cleanUnder], [['one', 3]])
  {
    using clean = restarted().on(withAdditions('two', ['zero', 'one']), false)
    assert.equal(clean.additionsVersion, 'two-since')
    assert.deepEqual(standings(clean), ['answered', 'added', 'unknown'])
    assert.deepEqual(standings(clean), ['known', 'added', 'unknown'])
    assert.ok(clean.carry(ofSize(2)))
    assert.deepEqual([...restarted().cleanUnder], [['one', 3]], 'a kill now leaves what was known before')
    assert.ok(!clean.carry(ofSize(3)), 'the additions alone are not enough for it')
    assert.ok(!clean.carry(ofSize(4)), 'it was not clean before')
    assert.ok(!clean.carry(stateOf({ ...status, ino: 2n, size: 2n, mtimeNs: 0n })), 'it is another state')
  }
  assert.deepEqual(
    [...restarted().cleanUnder],
    [
      ['two', 2],
      ['one', 1],
    ],
  )
  {
    using clean = restarted().on(plain('two'), false)
    assert.deepEqual(standings(clean), ['known', 'known', 'unknown'])
  }
  using back = restarted().on(plain('one'), false)
  assert.deepEqual(
    standings(back),
    ['unknown', 'unknown', 'known'],
    'they are clean under the later set alone',
  )
})

test('entries on several bases are carried over by additions since all of them, and not by others', () => {
  const restarted = begin('bases')
  {
    using clean = restarted().on(withAdditions('two', ['one']), false)
    assert.equal(standings(clean)[0], 'answered')
  }
  {
    using clean = restarted().on(withAdditions('three', ['two']), false)
    assert.deepEqual(standings(clean), ['answered', 'unknown', 'unknown'])
  }
  const again = begin('bases')
  {
    using clean = again().on(withAdditions('two', ['one']), false)
    assert.equal(standings(clean)[0], 'answered')
  }
  using clean = again().on(withAdditions('three', ['one', 'two']), false)
  assert.deepEqual(standings(clean), ['answered', 'added', 'unknown'])
})

test('without additions, with those since other sets, under other limits or for a fresh scan nothing is carried over', () => {
  const all = (standing: string) => [standing, standing, standing]
  for (const [basis, fresh] of [
    [plain('two'), false],
    [withAdditions('two', ['zero']), false],
    [{ ...withAdditions('two', ['one']), rest: 'other' }, false],
    [withAdditions('two', ['one']), true],
  ] as const) {
    const restarted = begin('alone')
    using clean = restarted().on(basis, fresh)
    assert.deepEqual(standings(clean), all('unknown'))
  }
})

test('a file of whose surface nothing is known is read against everything', () => {
  const known = new KnownClean(join(folder, 'surface'), log)
  const touched: unknown[] = []
  const asking: Reach = {
    rereading({ size, bits, hash }) {
      touched.push([size, bits, hash('md5'), hash('sha1'), hash('sha256')])
      return 'whole'
    },
  }
  {
    using clean = known.on(plain('one'), false)
    clean.remember(ofSize(1), now, undefined)
    clean.remember(ofSize(2), now, { bits: 0x2041, md5: '0102030405060708', sha256: 'ffffffff00000000' })
  }
  using clean = known.on(
    { ...withAdditions('two', ['one']), additions: () => ({ version: 'v', since: ['one'], reach: asking }) },
    false,
  )
  clean.standing(ofSize(1), 0)
  clean.standing(ofSize(2), 0)
  assert.deepEqual(touched, [
    [1, surfaceBits.handled, undefined, undefined, undefined],
    [2, 0x2041, [0x04030201, 0x08070605], undefined, [0xffffffff, 0]],
  ])
})
