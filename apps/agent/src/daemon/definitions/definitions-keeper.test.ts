import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, afterEach, before, beforeEach, mock, test } from 'node:test'
import { compileDefinitions } from '@coreward/definitions'
import { generateSigningKey } from '@coreward/trust'
import { pino } from 'pino'
import { scanOne } from '../../verbs/scan-one.ts'
import { eicar, eicarSet, startTestHost, stop, type TestHost } from '../agent.fixture.ts'
import { Spool } from '../spool/spool.ts'
import { DefinitionsKeeper } from './definitions-keeper.ts'
import { DefinitionsStore } from './definitions-store.ts'
import { type PublishedSet, TestFleet } from './fleet.fixture.ts'
import { tufDownload } from './tuf-download.ts'

let host: TestHost
let fleet: TestFleet
let spool: Spool
let keeper: DefinitionsKeeper
let changes = 0
let cleanUnder = new Map<string, number>()
let made = 0

before(async () => {
  host = await startTestHost()
})
after(() => host[Symbol.asyncDispose]())
beforeEach(async () => {
  fleet = await newFleet()
  spool = new Spool(host.paths.agent.daemon.spool)
  changes = 0
  cleanUnder = new Map()
  await restart()
})
afterEach(() => {
  mock.timers.reset()
  spool[Symbol.dispose]()
  const { spool: file, definitions } = host.paths.agent.daemon
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
  rmSync(definitions, { recursive: true })
  mkdirSync(definitions)
})

test('a new assignment is downloaded, verified, loaded and noted, and the former set is kept', async () => {
  const [one, two, three] = [newSet(), newSet(), newSet()]
  assert.equal(keeper.findings()[0]?.code, 'definitions.none')
  await keeper.follow(await fleet.publish(one))
  assert.deepEqual([keeper.active?.version, keeper.previous], [one.version, null])
  assert.deepEqual(
    { counts: keeper.active?.counts, refused: keeper.active?.refusedCount },
    { counts: { ndb: 1 }, refused: 2 },
  )
  await keeper.follow(await fleet.publish(two))
  await keeper.follow(await fleet.publish(three))
  assert.equal(keeper.active?.version, three.version)
  assert.equal(keeper.previous?.version, two.version)
  assert.equal(await inScanner(), three.version)
  assert.deepEqual(stored(), [two.sha256, three.sha256].sort())
  assert.deepEqual(keeper.findings(), [])
  assert.equal(keeper.failure, null)
  assert.ok(keeper.checkedAt !== null)
  assert.equal(changes, 3)
  assert.deepEqual(
    told().map((event) => event.type === 'definitions.updated' && [event.data.previous, event.data.version]),
    [
      [null, one.version],
      [one.version, two.version],
      [two.version, three.version],
    ],
  )
  write('eicar.com', eicar())
  const { result } = await scanOne(host.verbs, at('eicar.com'))
  assert.deepEqual([result.verdict.outcome, result.definitionsVersion], ['infected', three.version])
  await restart()
  assert.equal(keeper.active?.version, three.version)
})

test('the same set again changes nothing, but its number is remembered', async () => {
  const set = newSet()
  const first = await fleet.publish(set)
  await keeper.follow(first)
  const asked = fleet.asked.length
  assert.equal(await keeper.take(await fleet.assign(set)), 'current')
  assert.equal(fleet.asked.length, asked)
  await assert.rejects(keeper.take(first), { code: 'replayed' })
  assert.equal(keeper.active?.version, set.version)
})

test('the way back to the previous set needs no download while its file is whole', async () => {
  const [one, two] = [newSet(), newSet()]
  await keeper.follow(await fleet.publish(one))
  await keeper.follow(await fleet.publish(two))
  const asked = fleet.asked.length
  assert.equal(await keeper.take(await fleet.assign(one)), 'updated')
  assert.equal(fleet.asked.length, asked)
  assert.deepEqual([keeper.active?.version, keeper.previous?.version], [one.version, two.version])
  assert.equal(await inScanner(), one.version)
  writeFileSync(fileOf(two), 'damaged')
  assert.equal(await keeper.take(await fleet.assign(two)), 'updated')
  assert.ok(fleet.asked.length > asked)
  assert.deepEqual(readFileSync(fileOf(two)), Buffer.from(two.bytes))
})

test('a set that was flipped, cut short, made longer or replaced on the way leaves the last good one', async () => {
  const good = newSet()
  await keeper.follow(await fleet.publish(good))
  const other = newSet()
  const tampering: ((content: Buffer) => Buffer)[] = [
    ...[0, 40, 0.5, 0.9, -1].map((place) => (content: Buffer) => flipped(content, place)),
    (content) => content.subarray(0, content.length - 1),
    (content) => content.subarray(0, 100),
    () => Buffer.alloc(0),
    (content) => Buffer.concat([content, Buffer.from('x')]),
    () => Buffer.from(other.bytes),
  ]
  for (const change of tampering) {
    const document = await fleet.publish(newSet())
    const before = told().length
    fleet.onTheWay = (path, content) => (path.startsWith('targets/') ? change(content) : content)
    await keeper.follow(document)
    await assertLastGoodIs(good, /bin|target/i)
    const [failed, ...more] = told().slice(before)
    assert.equal(failed?.type, 'definitions.failed')
    assert.equal(more.length, 0)
  }
})

test('metadata that was tampered with or signed by somebody else leaves the last good set', async () => {
  const good = newSet()
  await keeper.follow(await fleet.publish(good))
  for (const role of ['timestamp', 'snapshot', 'definitions']) {
    const document = await fleet.publish(newSet())
    fleet.onTheWay = (path, content) => (path.includes(`${role}.json`) ? flipped(content, 0.5) : content)
    await keeper.follow(document)
    await assertLastGoodIs(good, new RegExp(role))
  }
  fleet.onTheWay = (_path, content) => content
  const stranger = await newFleet()
  const set = newSet()
  await stranger.publish(set)
  const { read } = stranger
  keeper.trust({ ...fleet.issuer, download: tufDownload(definitionsFolder(), fleet, read) })
  await keeper.follow(await fleet.assign(set))
  await assertLastGoodIs(good, /not signed by the keys this host trusts/)
})

test('a set that is not the assigned one, or that the publisher damaged, leaves the last good one', async () => {
  const good = newSet()
  await keeper.follow(await fleet.publish(good))
  await keeper.follow(await fleet.publish(newSet(), { sha256: 'a'.repeat(64) }))
  await assertLastGoodIs(good, /the assignment says a{64}/)
  await keeper.follow(await fleet.publish(newSet(), { version: 'another' }))
  await assertLastGoodIs(good, /the assignment says another/)
  for (const change of [
    (bytes: Buffer) => flipped(bytes, 0.7),
    (bytes: Buffer) => bytes.subarray(0, bytes.length / 2),
    () => Buffer.from('no definitions'),
  ]) {
    const bytes = change(Buffer.from(newSet().bytes))
    await keeper.follow(await fleet.publish(published(bytes, 'damaged')))
    await assertLastGoodIs(good, /definitions/)
  }
})

test('a set that the scanner refuses, because it flags what is harmless, leaves the last good one', async () => {
  const good = newSet()
  await keeper.follow(await fleet.publish(good))
  const text = `Too.Eager:0:*:${Buffer.from('<!DOCTYPE html>').toString('hex')}\n`
  const { bytes } = compileDefinitions({
    version: 'too-eager',
    createdAt: '2026-11-24T00:00:00Z',
    files: [{ name: 'test.ndb', text }],
  })
  await keeper.follow(await fleet.publish(published(Buffer.from(bytes), 'too-eager')))
  await assertLastGoodIs(good, /flag harmless content \(Too\.Eager/)
  const failed = told().at(-1)
  assert.equal(failed?.type === 'definitions.failed' && failed.data.version, 'too-eager')
})

test('an assignment that is replayed, for another agent or fleet, changed or by another signer is not taken', async () => {
  const [good, next] = [newSet(), newSet()]
  await keeper.follow(await fleet.publish(good))
  const genuine = await fleet.publish(next)
  const bad: [string, RegExp][] = [
    [await fleet.assign(next, { sequence: 0.5 }), /not in the form/],
    [await fleet.assign(next, { target: '../../etc/passwd' }), /not in the form/],
    [await fleet.assign(next, { agentId: fleet.fleetId }), /is for agent/],
    [await fleet.assign(next, { fleetId: fleet.agentId }), /of fleet/],
    [await fleet.assign(next, {}, { key: await generateSigningKey() }), /./],
    [await fleet.assign(next, {}, { type: 'coreward-policy+jws' }), /./],
    [`${genuine.slice(0, -6)}AAAAAA`, /./],
    ['no document', /./],
    ['', /./],
  ]
  const asked = fleet.asked.length
  for (const [document, text] of bad) {
    await keeper.follow(document)
    await assertLastGoodIs(good, text)
  }
  assert.equal(fleet.asked.length, asked, 'nothing was downloaded for any of them')
  await keeper.follow(genuine)
  const replayed = await fleet.assign(good, { sequence: 1 })
  await assert.rejects(keeper.take(replayed), { code: 'replayed', message: /numbers only grow/ })
  assert.equal(keeper.active?.version, next.version)
  await restart()
  await assert.rejects(keeper.take(replayed), { code: 'replayed' })
})

test('a failure is told once, tried again a minute later, and ends with the set in use', async () => {
  const [good, next] = [newSet(), newSet()]
  await keeper.follow(await fleet.publish(good))
  const document = await fleet.publish(next)
  fleet.onTheWay = () => {
    throw new Error('the network broke off')
  }
  fleet.asked.length = 0
  await keeper.follow(document)
  const inOneAttempt = fleet.asked.length
  await keeper.follow(document)
  assert.equal(fleet.asked.length, inOneAttempt)
  mock.timers.enable({ apis: ['Date'], now: Date.now() + 61_000 })
  // Heartbeats during a long attempt are not so many more attempts.
  await Promise.all(Array.from({ length: 5 }, () => keeper.follow(document)))
  assert.equal(fleet.asked.length, 2 * inOneAttempt)
  assert.deepEqual(
    told().map((event) => event.type),
    ['definitions.updated', 'definitions.failed'],
  )
  await assertLastGoodIs(good, /could not be fetched.*the network broke off/)
  fleet.onTheWay = (_path, content) => content
  mock.timers.setTime(Date.now() + 61_000)
  await keeper.follow(document)
  assert.equal(keeper.active?.version, next.version)
  assert.deepEqual(keeper.findings(), [])
})

test('someone who waits for it is not put off by a failure a moment ago', async () => {
  const set = newSet()
  const document = await fleet.publish(set)
  fleet.onTheWay = () => Buffer.alloc(0)
  await assert.rejects(keeper.takeNow(document))
  fleet.onTheWay = (_path, content) => content
  assert.deepEqual(await keeper.takeNow(document), { outcome: 'updated', version: set.version })
  await assert.rejects(keeper.takeNow(undefined), { code: 'definitions.none' })
})

test('a kill between download and note leaves the last good set, and the new one is fetched whole', async () => {
  const [good, next] = [newSet(), newSet()]
  await keeper.follow(await fleet.publish(good))
  const document = await fleet.publish(next)
  writeFileSync(fileOf(next), next.bytes)
  writeFileSync(`${fileOf(newSet())}.part`, 'half')
  writeFileSync(join(definitionsFolder(), '.sets.json.1.unfinished'), '{"curr')
  await restart()
  assert.equal(keeper.active?.version, good.version)
  assert.deepEqual(stored(), [good.sha256])
  assert.equal(await keeper.ensureLoaded(), good.version)
  await keeper.follow(document)
  assert.equal(keeper.active?.version, next.version)
  assert.deepEqual(stored(), [good.sha256, next.sha256].sort())
  assert.deepEqual(readdirSync(definitionsFolder()).sort(), ['sets', 'sets.json', 'tuf'])
})

test('a note that was damaged counts as none, and the assignment brings the set again', async () => {
  const set = newSet()
  const document = await fleet.publish(set)
  await keeper.follow(document)
  writeFileSync(join(definitionsFolder(), 'sets.json'), '{"current":')
  await restart()
  assert.equal(await keeper.ensureLoaded(), null)
  assert.equal(keeper.findings()[0]?.code, 'definitions.none')
  await keeper.follow(document)
  assert.equal(keeper.active?.version, set.version)
})

test('a replaced scanner is given the set in use again', async () => {
  const set = newSet()
  await keeper.follow(await fleet.publish(set))
  await stop(host.scanner(), 'SIGKILL')
  await host.startScanner()
  assert.equal(await inScanner(), null)
  assert.equal(await keeper.ensureLoaded(), set.version)
  assert.equal(await inScanner(), set.version)
})

test('a scanner that is away is a reason to wait, not to give a set up', { timeout: 60_000 }, async () => {
  const [one, two] = [newSet(), newSet()]
  await keeper.follow(await fleet.publish(one))
  await keeper.follow(await fleet.publish(two))
  await stop(host.scanner(), 'SIGKILL')
  await assert.rejects(keeper.ensureLoaded(), { code: 'scanner-gone' })
  assert.equal(keeper.active?.version, two.version)
  await host.startScanner()
  assert.equal(await keeper.ensureLoaded(), two.version)
})

test('a stored set that is damaged or gone gives way to the one before, and is fetched again', async () => {
  const [one, two] = [newSet(), newSet()]
  await keeper.follow(await fleet.publish(one))
  const document = await fleet.publish(two)
  for (const damage of [
    () => writeFileSync(fileOf(two), flipped(Buffer.from(two.bytes), 0.6)),
    () => writeFileSync(fileOf(two), two.bytes.subarray(0, 200)),
    () => writeFileSync(fileOf(two), ''),
    () => rmSync(fileOf(two)),
  ]) {
    await keeper.follow(document)
    assert.equal(keeper.active?.version, two.version)
    damage()
    await stop(host.scanner(), 'SIGKILL')
    await host.startScanner()
    const before = told().length
    assert.equal(await keeper.ensureLoaded(), one.version)
    assert.equal(await inScanner(), one.version)
    assert.equal(told()[before]?.type, 'definitions.failed')
    assert.equal(keeper.findings()[0]?.code, 'definitions.failed')
  }
})

test('when both stored sets are damaged there is none, which is critical, until one is fetched', async () => {
  const [one, two] = [newSet(), newSet()]
  await keeper.follow(await fleet.publish(one))
  const document = await fleet.publish(two)
  await keeper.follow(document)
  for (const set of [one, two]) writeFileSync(fileOf(set), 'damaged')
  await stop(host.scanner(), 'SIGKILL')
  await host.startScanner()
  assert.equal(await keeper.ensureLoaded(), null)
  assert.deepEqual(
    keeper.findings().map(({ code, severity }) => [code, severity]),
    [
      ['definitions.none', 'critical'],
      ['definitions.failed', 'warning'],
    ],
  )
  await keeper.follow(document)
  assert.equal(keeper.active?.version, two.version)
  assert.deepEqual(keeper.findings(), [])
})

test('a full spool keeps no set from use', async () => {
  spool[Symbol.dispose]()
  spool = new Spool(host.paths.agent.daemon.spool, { maxWaiting: 1 })
  spool.enqueue({ type: 'agent.stopped', data: {} })
  await restart()
  const set = newSet()
  assert.equal(await keeper.take(await fleet.publish(set)), 'updated')
  assert.equal(keeper.active?.version, set.version)
  assert.equal(keeper.failure, null)
  assert.equal(changes, 1)
})

test('a full disk leaves the last good set, and the new one comes once there is space', async (context) => {
  const disk = definitionsFolder()
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status !== 0)
    return context.skip('no file system can be mounted here')
  try {
    await restart()
    const [good, next] = [newSet(), newSet()]
    await keeper.follow(await fleet.publish(good))
    const document = await fleet.publish(next)
    assert.notEqual(spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'filling')}`, 'bs=4k']).status, 0)
    await keeper.follow(document)
    await assertLastGoodIs(good, /could not be stored .*ENOSPC/)
    rmSync(join(disk, 'filling'))
    await keeper.take(document)
    assert.equal(keeper.active?.version, next.version)
  } finally {
    // Lazily, since the scanner keeps the set in use open.
    spawnSync('umount', ['--lazy', disk])
  }
})

test('an agent that is not enrolled takes no assignment', async () => {
  keeper = newKeeper(await DefinitionsStore.open(definitionsFolder()))
  const document = await fleet.publish(newSet())
  await assert.rejects(keeper.take(document), { code: 'foreign', message: /not enrolled/ })
})

test('what is new in a set comes with it where files are clean under an earlier one, and stays after a restart', async () => {
  const [one, two] = [newSet(), newSet()]
  const additions = { ...newSet(), since: [one.sha256] }
  await keeper.follow(await fleet.publish(one))
  assert.equal(keeper.additions(), undefined)
  cleanUnder = new Map([[one.sha256, 7]])
  await keeper.follow(await fleet.publish(two, {}, [additions]))
  assert.equal(keeper.active?.version, two.version)
  for (const tell of [() => {}, restart]) {
    await tell()
    const told = keeper.additions()
    assert.deepEqual([told?.version, told?.since], [additions.version, [one.sha256]])
  }
  write('eicar.com', eicar())
  const found = await scanOne(host.verbs, at('eicar.com'), { against: 'additions' })
  assert.deepEqual(
    [found.result.verdict.outcome, found.result.definitionsVersion],
    ['infected', additions.version],
  )
  assert.equal(await keeper.take(await fleet.assign(one)), 'updated')
  assert.equal(keeper.additions(), undefined)
  assert.deepEqual(stored(), [one.sha256, two.sha256].sort())
  const whole = await scanOne(host.verbs, at('eicar.com'), { against: 'additions' })
  assert.equal(whole.result.definitionsVersion, one.version)
})

test('what is new in a set is left where it is of no use, and keeps no set from use where it is spoilt', async () => {
  const one = newSet()
  await keeper.follow(await fleet.publish(one))
  cleanUnder = new Map([[one.sha256, 7]])
  const foreign = { ...newSet(), since: ['0'.repeat(64)] }
  const [two, three, four] = [newSet(), newSet(), newSet()]
  await keeper.follow(await fleet.publish(two, {}, [foreign]))
  assert.equal(keeper.additions(), undefined)
  const spoilt = { ...newSet(), bytes: new TextEncoder().encode('spoilt'), since: [one.sha256] }
  await keeper.follow(await fleet.publish(three, {}, [spoilt]))
  assert.deepEqual([keeper.active?.version, keeper.additions()], [three.version, undefined])
  const other = { ...newSet(), since: [one.sha256], version: 'not what is in it' }
  await keeper.follow(await fleet.publish(four, {}, [other]))
  assert.deepEqual([keeper.active?.version, keeper.additions()], [four.version, undefined])
  assert.equal(await inScanner(), four.version)
})

/** As the daemon does when it starts. */
async function restart(): Promise<void> {
  keeper = newKeeper(await DefinitionsStore.open(definitionsFolder()))
  keeper.trust({ ...fleet.issuer, download: tufDownload(definitionsFolder(), fleet, fleet.read) })
}

function newKeeper(store: DefinitionsStore): DefinitionsKeeper {
  return new DefinitionsKeeper({
    store,
    verbs: host.verbs,
    spool,
    log: pino({ level: 'silent' }),
    cleanUnder: () => cleanUnder,
    onChange: () => {
      changes += 1
    },
  })
}

function newFleet(): Promise<TestFleet> {
  return TestFleet.start(mkdtempSync(join(dirname(host.files), 'fleet-')))
}

function newSet(): PublishedSet {
  made += 1
  return eicarSet(`set-${made}`)
}

function published(bytes: Buffer, version: string): PublishedSet {
  return { bytes, version, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** `place`: an offset; a share of the length where it is a fraction; from the end where it is negative. */
function flipped(content: Buffer, place: number): Buffer {
  const copy = Buffer.from(content)
  const offset = Number.isInteger(place) ? place : Math.floor(copy.length * place)
  const index = offset < 0 ? copy.length + offset : offset
  copy[index] = (copy[index] ?? 0) ^ 1
  return copy
}

async function assertLastGoodIs(good: PublishedSet, failure: RegExp): Promise<void> {
  assert.equal(keeper.active?.version, good.version)
  assert.equal(await keeper.ensureLoaded(), good.version)
  assert.equal(await inScanner(), good.version)
  assert.deepEqual(stored(), [good.sha256])
  const [finding, ...others] = keeper.findings()
  assert.equal(others.length, 0)
  assert.equal(finding?.code, 'definitions.failed')
  assert.match(finding.text, /the last good ones are in use/)
  assert.match(keeper.failure ?? '', failure)
  const last = told().at(-1)
  assert.equal(last?.type, 'definitions.failed')
  assert.match(last.data.failure, failure)
}

async function inScanner(): Promise<string | null | undefined> {
  return (await host.verbs.health()).scanner?.definitionsVersion
}

function told() {
  return spool
    .list(1000)
    .map(({ content }) => content)
    .reverse()
}

/** The SHA-256 of the sets on the disk. */
function stored(): string[] {
  return readdirSync(join(definitionsFolder(), 'sets'))
    .map((name) => name.replace('.definitions', ''))
    .sort()
}

function definitionsFolder(): string {
  return host.paths.agent.daemon.definitions
}

function fileOf({ sha256 }: PublishedSet): string {
  return join(definitionsFolder(), 'sets', `${sha256}.definitions`)
}

function at(name: string): string {
  return join(host.files, name)
}

function write(name: string, content: Uint8Array): void {
  writeFileSync(at(name), content)
}
