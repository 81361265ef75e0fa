import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { Heartbeat } from '@coreward/contracts'
import { pino } from 'pino'
import { localVerbs } from '../../guard/local-verbs.ts'
import { connectGuard } from '../../verbs/guard-client.ts'
import { scanOne } from '../../verbs/scan-one.ts'
import { eicar, eicarSet, startTestHost, stop, type TestHost, until } from '../agent.fixture.ts'
import { Spool } from '../spool/spool.ts'
import { Health, type HealthDuties } from './health.ts'

let host: TestHost
let spool: Spool
let kicks = 0
let empty = 0
let logged: string[] = []

before(async () => {
  host = await startTestHost()
})
after(() => host[Symbol.asyncDispose]())
beforeEach(() => {
  kicks = 0
  empty = 0
  logged = []
  spool = new Spool(host.paths.agent.daemon.spool)
})
afterEach(() => {
  spool[Symbol.dispose]()
  for (const suffix of ['', '-wal', '-shm']) rmSync(host.paths.agent.daemon.spool + suffix, { force: true })
})

test('an agent of an ordinary user is healthy, says that it is one, and tells of its processes', async () => {
  await using health = newHealth()
  await health.start()
  assert.deepEqual(codes(health), ['information guard.absent'])
  assert.equal(health.state(), 'healthy')
  const beat = Heartbeat.parse(await health.heartbeat())
  assert.deepEqual(
    beat.processes.map(({ name, pid, restarts }) => [name, pid, restarts]),
    [
      ['scanner', host.scanner().pid, 0],
      ['daemon', process.pid, 0],
    ],
  )
  assert.ok((beat.processes[0]?.pssBytes ?? 0) > 1_000_000)
  assert.equal(beat.spooledEvents, 0)
})

test('a scanner without definitions is given some, and one that has them is left alone', async () => {
  {
    await using health = newHealth()
    await health.start()
    assert.equal(empty, 1)
  }
  const file = join(host.files, 'set')
  writeFileSync(file, eicarSet('1').bytes)
  await host.verbs.loadDefinitions(file)
  await using health = newHealth()
  await health.start()
  assert.equal(empty, 1)
})

test('a scanner that stays away is critical, and its successor is told of once', async () => {
  await using health = newHealth()
  await health.start()
  const former = host.scanner().pid
  await stop(host.scanner(), 'SIGKILL')
  await until(() => health.state() === 'critical')
  assert.match(health.findings()[0]?.text ?? '', /nothing is scanned/)
  assert.equal(kicks, 1, 'the server hears of it at once')
  await host.startScanner()
  await until(() => health.state() === 'healthy')
  assert.deepEqual(
    health.processes().map(({ name, restarts }) => [name, restarts]),
    [
      ['scanner', 1],
      ['daemon', 0],
    ],
  )
  const replaced = spool.list(10).map(({ content }) => content)
  assert.deepEqual(replaced, [
    {
      type: 'process.replaced',
      data: {
        process: 'scanner',
        reason: `Process ${former} ended; ${host.scanner().pid} took its place.`,
      },
    },
  ])
})

test('a guard that does not answer is critical, and leaves the number of quarantined files as it was known', async () => {
  const guard = connectGuard(host.paths, process.getuid?.() ?? 0)
  let quarantined: HealthDuties['verbs']['quarantined'] = () => host.verbs.quarantined()
  await using health = newHealth({
    hasGuard: true,
    verbs: { health: () => guard.health(), quarantined: () => quarantined() },
  })
  await health.start()
  await until(() => health.findings().length === 2)
  assert.deepEqual(codes(health), ['critical scanner.unavailable', 'critical guard.unavailable'])
  assert.equal(health.state(), 'critical')
  const id = await quarantineOne()
  assert.equal(await health.quarantinedFiles(), 1)
  quarantined = () => guard.quarantined()
  assert.equal(await health.quarantinedFiles(), 1)
  await host.verbs.remove(id)
  await guard[Symbol.asyncDispose]()
})

test('what the launcher could not do is a warning with its codes', async () => {
  await using health = newHealth({ degradations: ['no-network-namespace', 'capabilities-kept'] })
  await health.start()
  assert.equal(health.state(), 'warning')
  assert.match(health.findings()[0]?.text ?? '', /no-network-namespace, capabilities-kept/)
})

test('events that were refused are critical, with the remedy', async () => {
  using full = new Spool(join(host.files, 'full.sqlite'), { maxWaiting: 0 })
  await using health = newHealth({ spool: full })
  await health.start()
  assert.equal(health.state(), 'healthy')
  assert.throws(() => full.enqueue({ type: 'agent.stopped', data: {} }))
  assert.equal(health.state(), 'critical')
  assert.equal(health.findings()[0]?.code, 'spool.full')
  assert.match(health.findings()[0]?.text ?? '', /1 event could not be stored; free some space/)
})

test('a disk that is nearly full is a warning', async (context) => {
  const disk = join(host.files, 'small-disk')
  mkdirSync(disk)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk])
  if (mounted.status !== 0) return context.skip('no file system can be mounted here')
  try {
    await using health = newHealth({ dataFolder: disk })
    await health.start()
    assert.deepEqual(codes(health), ['warning disk.low', 'information guard.absent'])
  } finally {
    spawnSync('umount', [disk])
  }
})

test('the findings of all duties come worst first, and are no more than a heartbeat holds', async () => {
  const many = Array.from({ length: 60 }, () => ({
    code: 'policy.failed' as const,
    severity: 'warning' as const,
    text: 'x',
  }))
  await using health = newHealth({
    findings: () => [...many, { code: 'definitions.none', severity: 'critical', text: 'none' }],
  })
  await health.start()
  assert.equal(health.findings()[0]?.code, 'definitions.none')
  Heartbeat.parse(await health.heartbeat())
})

test('what the quarantine put in order after a kill is logged once', async () => {
  writeFileSync(join(host.paths.agent.quarantine, '11111111-1111-4111-8111-111111111111.age'), 'half')
  await using verbs = await localVerbs(host.paths)
  let looks = 0
  await using health = newHealth({
    verbs: {
      quarantined: () => verbs.quarantined(),
      health: () => {
        looks += 1
        return verbs.health()
      },
    },
  })
  await health.start()
  await until(() => looks > 2)
  assert.equal(logged.filter((line) => line.includes('without a record')).length, 1)
})

async function quarantineOne(): Promise<string> {
  const path = join(host.files, 'eicar.com')
  writeFileSync(path, eicar())
  writeFileSync(join(host.files, 'set'), eicarSet('1').bytes)
  await host.verbs.loadDefinitions(join(host.files, 'set'))
  const { result, identity } = await scanOne(host.verbs, path)
  assert.ok(identity !== null && result.sha256 !== undefined)
  const { id } = await host.verbs.quarantine(path, {
    identity,
    sha256: result.sha256,
    signature: 'Eicar-Test-Signature',
    severity: 'high',
    category: 'test',
    innerPath: null,
    detectionId: null,
    definitionsVersion: '1',
  })
  return id
}

function newHealth(changed: Partial<HealthDuties> = {}): Health {
  return new Health({
    verbs: host.verbs,
    spool,
    log: pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) }),
    dataFolder: host.paths.data,
    hasGuard: false,
    ownPss: () => null,
    degradations: [],
    versions: () => ({ agent: '1', node: '24', engineLayout: 1, definitions: null, policy: null }),
    findings: () => [],
    onChange: () => {
      kicks += 1
    },
    onEmptyScanner: () => {
      empty += 1
    },
    ...changed,
  })
}

function codes(health: Health): string[] {
  return health.findings().map(({ code, severity }) => `${severity} ${code}`)
}
