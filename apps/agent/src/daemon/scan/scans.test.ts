import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { defaultPolicy, type PolicySettings, type ScanFinding, type ScanRequest } from '@coreward/contracts'
import { pino } from 'pino'
import type { FileVerbs } from '../../verbs/file-verbs.ts'
import { VerbError } from '../../verbs/verb-error.ts'
import { eicar, eicarSet, startTestHost, stop, type TestHost } from '../agent.fixture.ts'
import { Spool } from '../spool/spool.ts'
import { DetectionActions } from './detection-actions.ts'
import { FatalFiles } from './fatal-files.ts'
import { type KnownAdditions, KnownClean } from './known-clean.ts'
import { type ScanOutcome, Scans } from './scans.ts'

const set = eicarSet('test-1')
let host: TestHost
let spool: Spool
let knownClean: KnownClean
let basis: string
let additions: KnownAdditions | undefined
let scans: Scans
let actions: DetectionActions
let settings: PolicySettings
let findings: ScanFinding[]

before(async () => {
  host = await startTestHost()
  writeFileSync(join(host.paths.agent.daemon.definitions, 'set'), set.bytes)
})
after(() => host[Symbol.asyncDispose]())
beforeEach(() => {
  settings = structuredClone(defaultPolicy)
  findings = []
  spool = new Spool(host.paths.agent.daemon.spool)
  knownClean = new KnownClean(host.paths.agent.daemon.knownClean, pino({ level: 'silent' }), 0)
  basis = 'test'
  additions = undefined
  scans = newScans(host.verbs)
  actions = new DetectionActions({
    verbs: host.verbs,
    spool,
    agentId: () => spool.installationId,
    settings: () => settings,
    ensureDefinitions: load,
    onNews: () => {},
  })
})
afterEach(async () => {
  await scans[Symbol.asyncDispose]()
  spool[Symbol.dispose]()
  for (const kept of ['knownClean', 'fatalFiles'] as const)
    rmSync(host.paths.agent.daemon[kept], { force: true })
  rmSync(host.paths.agent.daemon.spool)
  for (const suffix of ['-wal', '-shm']) rmSync(host.paths.agent.daemon.spool + suffix, { force: true })
  rmSync(host.files, { recursive: true })
  mkdirSync(host.files)
})

test('a custom scan counts every file once, follows no link and finds what is there', async () => {
  write('a.txt', 'harmless')
  write('deep/er/b.txt', 'harmless too')
  write('deep/eicar.com', eicar())
  linkSync(at('a.txt'), at('deep/hard-link'))
  symlinkSync('/etc', at('link-to-folder'))
  symlinkSync(at('a.txt'), at('link-to-file'))
  const { state, summary } = await scan()
  assert.equal(state, 'completed')
  assert.equal(summary.filesScanned, 3)
  assert.equal(summary.filesInfected, 1)
  assert.equal(summary.coverage, 1)
  assert.deepEqual(summary.unscanned, {})
  assert.equal(summary.definitionsVersion, 'test-1')
  assert.deepEqual(
    findings.map((finding) => finding.kind === 'detection' && [finding.signature, finding.action]),
    [['Eicar-Test-Signature', 'reported']],
  )
  assert.ok(existsSync(at('deep/eicar.com')), 'reported, not moved')
  assert.deepEqual(eventTypes(), ['scan.started', 'threat.detected', 'scan.finished'])
})

test('the same file is the same detection in the next scan', async () => {
  write('eicar.com', eicar())
  await scan()
  await scan()
  const ids = findings.map((finding) => finding.kind === 'detection' && finding.detectionId)
  assert.equal(ids.length, 2)
  assert.equal(ids[0], ids[1])
})

test('quarantine by request: recorded first, then moved, then told', async () => {
  write('eicar.com', eicar())
  await scan({ action: 'quarantine' })
  assert.equal(existsSync(at('eicar.com')), false)
  assert.deepEqual(eventTypes(), ['scan.started', 'threat.detected', 'threat.action', 'scan.finished'])
  const [item] = await actions.list()
  assert.equal(item?.path, at('eicar.com'))
  await assert.rejects(actions.restore(item?.id ?? '', { evenIfInfected: false }), {
    code: 'quarantine.infected',
  })
  assert.equal(await actions.restore(item?.id ?? '', { evenIfInfected: true }), at('eicar.com'))
  assert.deepEqual(readFileSync(at('eicar.com')), eicar())
  const told = events('threat.action').map(({ action, outcome }) => `${action} ${outcome}`)
  assert.deepEqual(told, ['quarantine succeeded', 'restore failed', 'restore succeeded'])
})

test('the policy’s action holds for its severity', async () => {
  settings.actions = { severe: 'quarantine', high: 'quarantine', moderate: 'quarantine', low: 'quarantine' }
  write('eicar.com', eicar())
  await scan()
  assert.equal(existsSync(at('eicar.com')), false)
  for (const { id } of await actions.list()) await actions.deleteQuarantined(id)
  assert.deepEqual(await actions.list(), [])
})

test('on the server’s word a file is moved, deleted from its place, and left alone when it changed', async () => {
  write('one.com', eicar())
  write('two.com', eicar())
  write('three.com', eicar())
  await scan()
  const detected = events('threat.detected')
  const [one, two, three] = ['one.com', 'two.com', 'three.com'].map((name) => {
    const found = detected.find(({ path }) => path === at(name))
    assert.ok(found)
    return found
  }) as [(typeof detected)[0], (typeof detected)[0], (typeof detected)[0]]
  await actions.quarantine(one)
  assert.equal(existsSync(at('one.com')), false)
  await actions.delete({ ...two, quarantineId: null })
  assert.equal(existsSync(at('two.com')), false)
  write('three.com', 'something else by now')
  await assert.rejects(actions.quarantine(three), { code: 'file.changed' })
  assert.ok(existsSync(at('three.com')))
  const [item, ...others] = await actions.list()
  assert.equal(others.length, 0)
  await actions.deleteQuarantined(item?.id ?? '')
  const told = events('threat.action').map(({ action, outcome }) => `${action} ${outcome}`)
  assert.deepEqual(told, [
    'quarantine succeeded',
    'delete succeeded',
    'quarantine failed',
    'delete succeeded',
  ])
})

test('excluded files are counted and not scanned', async () => {
  settings.exclusions = [
    { kind: 'file', value: at('file.bin'), reason: 'test' },
    { kind: 'folder', value: at('folder'), reason: 'test' },
    { kind: 'extension', value: 'LOG', reason: 'test' },
  ]
  for (const name of ['file.bin', 'folder/x', 'folder/y/z', 'a.log', 'folder-not/x']) write(name, eicar())
  const { summary } = await scan()
  assert.equal(summary.filesExcluded, 4)
  assert.equal(summary.filesScanned, 1)
  assert.equal(summary.coverage, 1)
})

test('a folder that cannot be listed makes the coverage less than whole', async (context) => {
  if (process.getuid?.() === 0) return context.skip('root may list every folder')
  write('a', 'x')
  write('closed/b', 'x')
  chmodSync(at('closed'), 0)
  const { summary } = await scan()
  chmodSync(at('closed'), 0o700)
  assert.equal(summary.foldersUnreadable, 1)
  assert.equal(summary.filesScanned, 1)
  assert.equal(summary.coverage, 0.5)
})

test('a file that vanishes, grows, unpacks without end or has no end is unscanned, and the scan goes on', async () => {
  write('gone', 'x')
  write('growing.log', Buffer.alloc(30_000_000, 'a line\n'))
  write('bomb.gz', gzipSync(Buffer.alloc(300_000_000), { level: 9 }))
  write('cut.gz', gzipSync(randomBytes(50_000)).subarray(0, 20_000))
  assert.equal(spawnSync('mkfifo', [at('pipe')]).status, 0)
  write('eicar.com', eicar())
  scans = newScans({
    ...host.verbs,
    async scan(paths, ...rest) {
      rmSync(at('gone'), { force: true })
      const growing = setInterval(() => appendFileSync(at('growing.log'), 'another line\n'), 1)
      return host.verbs.scan(paths, ...rest).finally(() => clearInterval(growing))
    },
  })
  const { state, summary } = await scan()
  assert.equal(state, 'completed')
  assert.equal(summary.filesInfected, 1)
  const reasons = new Map(events('file.unscanned').map(({ path, reason }) => [path, reason]))
  assert.equal(reasons.get(at('gone')), 'vanished')
  assert.equal(reasons.get(at('growing.log')), 'changed-during-scan')
  assert.match(reasons.get(at('bomb.gz')) ?? '', /^(compression-ratio|too-large)$/)
  assert.equal(reasons.get(at('cut.gz')), 'damaged')
  assert.equal(reasons.size, 4)
  assert.equal(summary.filesScanned, 1, 'the pipe is no file, and EICAR was scanned whole')
  assert.equal(summary.coverage, 1 / 5)
})

test('quarantine and definitions are out of scope in every scan', async () => {
  const { quarantine, daemon } = host.paths.agent
  writeFileSync(join(quarantine, 'planted'), eicar())
  writeFileSync(join(daemon.definitions, 'planted'), eicar())
  writeFileSync(join(daemon.folder, 'planted'), eicar())
  await scan({ paths: [host.paths.data] })
  for (const folder of [quarantine, daemon.definitions, daemon.folder]) rmSync(join(folder, 'planted'))
  assert.deepEqual(
    findings.flatMap((finding) => (finding.kind === 'detection' ? [finding.path] : [])),
    [join(daemon.folder, 'planted')],
  )
})

test('what is named inside quarantine, definitions or the kernel’s own files is refused, not called clean', async () => {
  const { quarantine, daemon } = host.paths.agent
  writeFileSync(join(quarantine, 'planted'), eicar())
  for (const path of [join(daemon.definitions, 'set'), join(quarantine, 'planted'), quarantine, '/proc'])
    await assert.rejects(scan({ paths: [at('.'), path], action: 'quarantine' }), {
      code: 'path.out-of-scope',
      message: new RegExp(`^${path} `),
    })
  rmSync(join(quarantine, 'planted'))
  assert.deepEqual(findings, [])
  assert.ok(existsSync(join(daemon.definitions, 'set')))
})

test('a path that is not there is refused by name, and a link that was named is followed', async () => {
  await assert.rejects(scan({ paths: [at('nothing')] }), { code: 'path.missing' })
  await assert.rejects(scan({ paths: ['relative'] }), { code: 'path.missing' })
  write('real/eicar.com', eicar())
  symlinkSync(at('real'), at('link'))
  const { summary } = await scan({ paths: [at('link')] })
  assert.equal(summary.filesInfected, 1)
  assert.deepEqual(scans.running, [])
})

test('names that are not UTF-8 are scanned, told readably, and moved all the same', async () => {
  writeFileSync(
    Buffer.concat([Buffer.from(`${host.files}/`), Buffer.from([0xff, 0x80]), Buffer.from('.com')]),
    eicar(),
  )
  await scan()
  const [found] = events('threat.detected')
  assert.equal(found?.path, at('%FF%80.com'))
  assert.ok(found)
  await actions.quarantine(found)
  const [item] = await actions.list()
  assert.ok(item)
  await actions.deleteQuarantined(item.id)
})

test('only one quick or full scan runs at once, and a cancelled one says so', async () => {
  const gate = gatedVerbs()
  scans = newScans(gate.verbs)
  write('a', 'x')
  const first = await scans.start({ kind: 'full', paths: [] }, 'command-line')
  await assert.rejects(scans.start({ kind: 'quick', paths: [] }, 'schedule'), { code: 'scan.busy' })
  const custom = await scans.start({ kind: 'custom', paths: [at('a')] }, 'command-line')
  scans.cancel(first.scanId)
  gate.open()
  assert.equal((await first.finished).state, 'cancelled')
  assert.equal((await custom.finished).state, 'completed')
  assert.throws(() => scans.cancel(first.scanId), { code: 'scan.unknown' })
})

test('progress has totals once all is counted, and its end is the summary', async () => {
  for (let index = 0; index < 50; index += 1) write(`f${index}`, 'x'.repeat(100))
  const seen: { filesDone: number; filesTotal: number | null }[] = []
  const { scanId, finished } = await scans.start({ kind: 'custom', paths: [host.files] }, 'start', {
    listener: { onProgress: (progress) => seen.push(progress), onFinding: () => {} },
  })
  assert.equal(scans.running[0]?.scanId, scanId)
  await finished
  assert.equal(seen.at(-1)?.filesDone, 50)
  assert.equal(seen.at(-1)?.filesTotal, 50)
})

test('a scan that the agent was killed in is told of as interrupted, with what was noted', async () => {
  const journalled = {
    scanId: randomUUID(),
    kind: 'quick' as const,
    paths: [],
    trigger: 'schedule' as const,
    startedAt: '2026-11-24T00:00:00.000Z',
    definitionsVersion: 'test-1',
  }
  spool.enqueueWith({ type: 'agent.stopped', data: {} }, () => spool.scans.begin(journalled))
  scans.reportInterrupted()
  scans.reportInterrupted()
  const [told, ...more] = events('scan.finished')
  assert.equal(more.length, 0)
  assert.equal(told?.state, 'interrupted')
  assert.equal(told?.scanId, journalled.scanId)
  assert.equal(spool.scans.last()?.state, 'interrupted')
})

test('a scan goes on when the scanner is killed in the middle of it', async () => {
  for (let index = 0; index < 300; index += 1) write(`f${index}`, Buffer.alloc(200_000, index))
  write('zz-eicar.com', eicar())
  let answered = 0
  let replaced: Promise<void> | undefined
  const replaceScanner = async () => {
    await stop(host.scanner(), 'SIGKILL')
    await host.startScanner()
  }
  scans = newScans({
    ...host.verbs,
    scan: (paths, options, onAnswer) =>
      host.verbs.scan(paths, options, (...answer) => {
        answered += 1
        if (answered === 20) replaced = replaceScanner()
        onAnswer(...answer)
      }),
  })
  const { finished } = await scans.start({ kind: 'custom', paths: [host.files] }, 'start')
  const { state, summary } = await finished
  assert.ok(replaced !== undefined)
  await replaced
  assert.equal(state, 'completed')
  const left = Object.values(summary.unscanned).reduce((sum, count) => sum + count, 0)
  assert.equal(summary.filesScanned + left, 301)
  assert.equal(summary.filesInfected, 1)
})

test('of files that were asked for together, only the one that the scanner dies of is called crashed', async () => {
  for (let index = 0; index < 20; index += 1) write(`f${index}`, `number ${index}`)
  const asked: number[] = []
  scans = newScans({
    ...host.verbs,
    async scan(paths, ...rest) {
      asked.push(paths.length)
      await Promise.resolve()
      if (paths.includes(at('f7'))) throw new VerbError('scanner-gone', 'it died')
      return host.verbs.scan(paths, ...rest)
    },
  })
  const { state, summary } = await scan()
  assert.equal(state, 'completed')
  assert.deepEqual(summary.unscanned, { crashed: 1 })
  assert.equal(summary.filesScanned, 19)
  assert.deepEqual(asked, [20, ...Array.from({ length: 21 }, () => 1)], 'all once more, and the one twice')
})

test('a file is scanned under the limits of the policy, with its passwords', async () => {
  write('one', 'one')
  settings.scan.archivePasswords = ['sesame']
  settings.limits.maxDepth = 3
  const asked: unknown[] = []
  scans = newScans({
    ...host.verbs,
    scan(paths, options, onAnswer) {
      asked.push(options.passwords, options.limits?.maxDepth)
      return host.verbs.scan(paths, options, onAnswer)
    },
  })
  await scan()
  assert.deepEqual(asked, [['sesame'], 3])
})

test('a file that the scanner died of is told and not tried again, until it or what judges it has changed', async () => {
  write('deadly', 'one state')
  write('harmless', 'another')
  const asked: string[] = []
  const verbs: FileVerbs = {
    ...host.verbs,
    async scan(paths, ...rest) {
      await Promise.resolve()
      asked.push(...paths)
      if (paths.includes(at('deadly'))) throw new VerbError('scanner-gone', 'it died')
      return host.verbs.scan(paths, ...rest)
    },
  }
  const deaths = async () => {
    asked.length = 0
    // As after a restart of the daemon.
    scans = newScans(verbs)
    const { summary } = await scan({ fresh: true })
    assert.deepEqual(summary.unscanned, { crashed: 1 })
    assert.equal(summary.filesScanned, 1)
    return asked.filter((path) => path === at('deadly')).length
  }
  assert.equal(await deaths(), 3, 'with others, and twice alone')
  assert.equal(await deaths(), 0)
  basis = 'other definitions'
  assert.equal(await deaths(), 3)
  assert.equal(await deaths(), 0)
  write('deadly', 'another state')
  assert.equal(await deaths(), 3)
})

test('a spool that takes no more ends the scan as failed, and nothing is moved without its record', async () => {
  write('eicar.com', eicar())
  spool[Symbol.dispose]()
  spool = new Spool(host.paths.agent.daemon.spool, { maxWaiting: 1 })
  scans = newScans(host.verbs)
  const { state, failure } = await scan({ action: 'quarantine' })
  assert.equal(state, 'failed')
  assert.match(failure ?? '', /as many as may/)
  assert.ok(existsSync(at('eicar.com')))
  assert.equal(spool.scans.unfinished().length, 1)
})

test('what was clean and has not changed is not read again, unless that is asked for or the basis is another', async () => {
  const read: string[] = []
  const counting: FileVerbs = {
    ...host.verbs,
    scan: (paths, ...rest) => {
      read.push(...paths.map((path) => path.slice(host.files.length + 1)))
      return host.verbs.scan(paths, ...rest)
    },
  }
  const readBy = async (request: Partial<ScanRequest> = {}) => {
    read.length = 0
    const { summary } = await scan(request)
    assert.equal(summary.filesScanned, 4)
    assert.equal(summary.filesUnchanged, 4 - read.length)
    return read.toSorted()
  }
  const all = ['a', 'b', 'c', 'eicar.com']
  for (const name of ['a', 'b', 'c']) write(name, name)
  write('eicar.com', eicar())
  scans = newScans(counting)
  assert.deepEqual(await readBy(), all)
  assert.deepEqual(await readBy(), ['eicar.com'], 'what is not clean is always read')
  writeFileSync(at('b'), 'B')
  const { atime, mtime } = statSync(at('a'))
  writeFileSync(at('a'), 'A')
  utimesSync(at('a'), atime, mtime)
  assert.deepEqual(await readBy(), ['a', 'b', 'eicar.com'], 'times that were put back do not hide a change')
  assert.deepEqual(await readBy({ fresh: true }), all)
  settings.limits.maxDepth -= 1
  assert.deepEqual(await readBy(), all)
  basis = 'other definitions'
  assert.deepEqual(await readBy(), all)
  assert.deepEqual(await readBy(), ['eicar.com'])
})

test('a stop ends scans as interrupted', async () => {
  const gate = gatedVerbs()
  scans = newScans(gate.verbs)
  write('a', 'x')
  const { finished } = await scans.start({ kind: 'custom', paths: [host.files] }, 'start')
  const stopped = scans[Symbol.asyncDispose]()
  gate.open()
  await stopped
  assert.equal((await finished).state, 'interrupted')
})

test('without definitions no scan begins', async () => {
  scans = newScans(host.verbs, async () => null)
  await assert.rejects(scan(), { code: 'definitions.none' })
  assert.deepEqual(eventTypes(), [])
})

function newScans(verbs: FileVerbs, ensureDefinitions: () => Promise<string | null> = load): Scans {
  return new Scans({
    verbs,
    spool,
    log: pino({ level: 'silent' }),
    paths: host.paths,
    kernelRelease: '6.1.0',
    agentId: () => spool.installationId,
    settings: () => settings,
    ensureDefinitions,
    knownClean,
    fatalFiles: new FatalFiles(host.paths.agent.daemon.fatalFiles, pino({ level: 'silent' })),
    basis: () => ({ definitions: basis, rest: 'test', additions: () => additions }),
    extraQuickPaths: [],
    onProgress: () => {},
    onNews: () => {},
  })
}

/** Verbs that list nothing until they are let. */
function gatedVerbs(): { verbs: FileVerbs; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  const verbs: FileVerbs = {
    ...host.verbs,
    list: async (what) => {
      await promise
      return host.verbs.list(what)
    },
  }
  return { verbs, open: resolve }
}

async function load(): Promise<string> {
  const { scanner } = await host.verbs.health()
  if (scanner?.definitionsVersion !== set.version) {
    await host.verbs.loadDefinitions(join(host.paths.agent.daemon.definitions, 'set'))
  }
  return set.version
}

async function scan(request: Partial<ScanRequest> = {}): Promise<ScanOutcome> {
  const { finished } = await scans.start(
    { kind: 'custom', paths: [host.files], ...request },
    'command-line',
    {
      listener: { onProgress: () => {}, onFinding: (finding) => findings.push(finding) },
    },
  )
  return finished
}

function at(name: string): string {
  return join(host.files, name)
}

function write(name: string, content: string | Uint8Array): void {
  mkdirSync(join(at(name), '..'), { recursive: true })
  writeFileSync(at(name), content)
}

function eventTypes(): string[] {
  return spool
    .list(1000)
    .map((event) => event.content.type)
    .reverse()
}

type DataOf<T> = Extract<ReturnType<Spool['list']>[0]['content'], { type: T }>['data']

function events<T extends string>(type: T): DataOf<T>[] {
  return spool
    .list(1000)
    .reverse()
    .flatMap(({ content }) => (content.type === type ? [content.data as DataOf<T>] : []))
}
