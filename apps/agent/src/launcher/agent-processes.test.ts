import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, fork, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { compileDefinitions } from '@coreward/definitions'
import { serviceUser } from '@coreward/host'
import { EntryPage } from '../verbs/entry-page.ts'
import type { FileVerbs, FolderPage, ScanAnswer } from '../verbs/file-verbs.ts'
import { type AgentProcesses, startAgentProcesses } from './agent-processes.ts'

const isRoot = process.getuid?.() === 0
const MARKER = 'a marker of this test alone'

/** Functions do not pass between processes: a scan is of one file. */
type Verbs = Omit<FileVerbs, 'scan'> & { scan(path: string): Promise<ScanAnswer> }

/** A process in the daemon's place, and the verbs as it sees them; an error has the verb's code. */
class DaemonStandIn {
  readonly #child: ChildProcess
  readonly #waiting = new Map<
    number,
    (answer: { result?: unknown; code?: string; message?: string }) => void
  >()
  #lastId = 0
  constructor(dataFolder: string, uid?: number) {
    const script = new URL('./verbs-client.fixture.ts', import.meta.url)
    this.#child = fork(script, [dataFolder, ...(uid === undefined ? [] : [String(uid)])], {
      serialization: 'advanced',
    })
    this.#child.on('message', (answer: { id: number; result?: unknown }) =>
      this.#waiting.get(answer.id)?.(answer),
    )
  }
  ready(): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(0, () => resolve()))
  }
  async call<V extends keyof Verbs & string>(
    verb: V,
    ...args: Parameters<Verbs[V]>
  ): Promise<Awaited<ReturnType<Verbs[V]>>> {
    const id = ++this.#lastId
    const answer = await new Promise<{ result?: unknown; code?: string; message?: string }>((resolve) => {
      this.#waiting.set(id, resolve)
      this.#child.send({ id, verb, args })
    })
    if (answer.code !== undefined) throw Object.assign(new Error(answer.message), { code: answer.code })
    return answer.result as Awaited<ReturnType<Verbs[V]>>
  }
  stop(): Promise<unknown> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    return gone
  }
}

const outcome = ({ result: { verdict } }: ScanAnswer) =>
  verdict.outcome === 'unscanned' ? `unscanned ${verdict.unscanned[0]?.reason}` : verdict.outcome

describe('the processes of the agent', { skip: process.platform !== 'linux' && 'Linux only' }, () => {
  let folder: string
  let agent: AgentProcesses
  let daemon: DaemonStandIn
  let definitions: string
  const file = (name: string, content: string) => {
    const path = join(folder, name)
    writeFileSync(path, content, { mode: 0o600 })
    return path
  }
  const pidOf = (name: string) => agent.processes().find((each) => each.name === name)?.pid ?? null

  before(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'coreward-agent-')))
    chmodSync(folder, 0o711)
    agent = await startAgentProcesses({ dataFolder: join(folder, 'data'), workers: 2, withoutDaemon: true })
    daemon = new DaemonStandIn(join(folder, 'data'), isRoot ? serviceUser('daemon').uid : undefined)
    await daemon.ready()
    const files = [{ name: 'test.ndb', text: `Test.Marker:0:*:${Buffer.from(MARKER).toString('hex')}\n` }]
    const { bytes } = compileDefinitions({ version: 'test-1', createdAt: '2026-11-24T00:00:00Z', files })
    definitions = join(folder, 'test.definitions')
    writeFileSync(definitions, bytes)
  })
  after(async () => {
    await daemon?.stop()
    await agent?.stop()
    rmSync(folder, { recursive: true })
  })

  test('nothing is scanned before definitions are loaded, and bad ones are refused', async () => {
    const path = file('early', 'x')
    await assert.rejects(daemon.call('scan', path), { code: 'no-definitions' })
    await assert.rejects(daemon.call('loadDefinitions', path), { code: 'definitions-refused' })
    await assert.rejects(daemon.call('loadDefinitions', join(folder, 'none')), { code: 'missing' })
    await assert.rejects(daemon.call('scan', path), { code: 'no-definitions' })
    assert.equal((await daemon.call('loadDefinitions', definitions)).version, 'test-1')
    assert.equal(outcome(await daemon.call('scan', path)), 'clean')
    await assert.rejects(daemon.call('loadDefinitions', path), { code: 'definitions-refused' })
    assert.equal((await daemon.call('health')).scanner?.definitionsVersion, 'test-1')
  })

  test('a private file is scanned, quarantined, scanned there, and restored', async () => {
    const path = file('bad', `xx${MARKER}xx`)
    const { result, identity } = await daemon.call('scan', path)
    assert.equal(result.verdict.outcome, 'infected')
    assert.equal(result.sha256, createHash('sha256').update(readFileSync(path)).digest('hex'))
    assert.ok(identity !== null && result.sha256 !== undefined)
    const item = await daemon.call('quarantine', path, {
      identity,
      sha256: result.sha256,
      signature: 'Test.Marker',
      severity: 'high',
      category: 'test',
      innerPath: null,
      detectionId: null,
      definitionsVersion: result.definitionsVersion,
    })
    assert.equal(existsSync(path), false)
    assert.deepEqual(await daemon.call('quarantined'), [item])
    assert.equal(outcome(await daemon.call('scanQuarantined', item.id)), 'infected')
    assert.deepEqual(await daemon.call('restore', item.id), { path, lostAttributes: [] })
    assert.equal(outcome(await daemon.call('scan', path)), 'infected')
    await assert.rejects(daemon.call('remove', item.id), { code: 'quarantine-unknown' })
  })

  test('what cannot be opened is unscanned with its reason, and a pipe does not block', {
    timeout: 20_000,
  }, async () => {
    const link = join(folder, 'link')
    symlinkSync('/etc/passwd', link)
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    assert.equal(outcome(await daemon.call('scan', join(folder, 'none'))), 'unscanned vanished')
    assert.equal(outcome(await daemon.call('scan', link)), 'unscanned unsupported')
    assert.equal(outcome(await daemon.call('scan', pipe)), 'unscanned unsupported')
    assert.equal(outcome(await daemon.call('scan', folder)), 'unscanned unsupported')
  })

  test('folders are listed together, in pages, each entry once, and what cannot be listed is told of', async () => {
    const many = join(folder, 'many')
    mkdirSync(join(many, 'below'), { recursive: true })
    for (let at = 0; at < 1500; at++) writeFileSync(join(many, `entry-${at}`), '')
    const asked = [join(many, 'below'), many, join(folder, 'none'), definitions, join(many, 'below')]
    const told: string[] = []
    let pages = 0
    for (let what: string[] | string | undefined = asked; what !== undefined; pages++) {
      const { entries, next }: FolderPage = await daemon.call('list', what)
      // Between processes of a test bytes come at any place of their memory.
      const page = new EntryPage(Uint8Array.from(entries))
      for (let kind = page.next(); kind !== undefined; kind = page.next()) {
        if (kind === 'begins') told.push(`${kind} ${page.value}`)
        else told.push(kind === 'failed' ? `${kind} ${page.failure}` : `${kind} ${page.nameOf(page.stateAt)}`)
      }
      what = next
    }
    assert.ok(pages > 1)
    const entries = told.filter((record) => /^(file|folder) /.test(record))
    assert.equal(entries.length, 1501)
    assert.equal(new Set(entries).size, 1501)
    assert.ok(entries.includes('folder below'))
    const rest = told.filter((record) => !entries.includes(record))
    const begins = (place: number) => `begins ${place}`
    assert.deepEqual(
      rest.filter((record, at) => record !== rest[at - 1]),
      [begins(0), begins(1), begins(2), 'failed gone', begins(3), 'failed gone', begins(4)],
    )
    await assert.rejects(daemon.call('list', 'no such ticket'), { code: 'listing-expired' })
    assert.equal((await daemon.call('stat', many))?.kind, 'folder')
    assert.equal(await daemon.call('stat', join(folder, 'none')), null)
    assert.ok((await daemon.call('runningFiles')).some((path) => path.startsWith('/')))
  })

  test('a killed scanner is replaced; scans under way are told, later ones find that it has no definitions', async () => {
    const path = file('clean', 'y'.repeat(100_000))
    const former = pidOf('scanner')
    assert.ok(former !== null)
    const scans = Array.from({ length: 50 }, () =>
      daemon.call('scan', path).then(outcome, (error: Error & { code?: string }) => error.code),
    )
    process.kill(former, 'SIGKILL')
    for (const answer of await Promise.all(scans)) {
      assert.ok(['clean', 'scanner-gone', 'no-definitions'].includes(String(answer)), String(answer))
    }
    let { scanner } = await daemon.call('health')
    for (; scanner === null; { scanner } = await daemon.call('health')) await sleep(20)
    assert.notEqual(scanner?.pid, former)
    assert.equal(scanner?.definitionsVersion, null)
    await daemon.call('loadDefinitions', definitions)
    assert.equal(outcome(await daemon.call('scan', path)), 'clean')
  })

  test('a second agent on the same data folder is refused', async () => {
    const second = startAgentProcesses({ dataFolder: join(folder, 'data'), withoutDaemon: true })
    await assert.rejects(second, { code: 'exists', message: /another agent runs/ })
  })

  test('a killed guard is replaced, and a user other than the daemon is cut off', {
    skip: !isRoot && 'needs root',
  }, async () => {
    const path = file('guarded', 'z')
    const former = pidOf('guard')
    assert.ok(former !== null)
    process.kill(former, 'SIGKILL')
    while (pidOf('guard') === null || pidOf('guard') === former) await sleep(10)
    // The first call may meet the end of the former connection.
    const answer = await daemon.call('scan', path).catch(() => daemon.call('scan', path))
    assert.equal(outcome(answer), 'clean')
    const stranger = new DaemonStandIn(join(folder, 'data'), 64_999)
    await stranger.ready()
    await assert.rejects(stranger.call('scan', path), { code: 'guard-gone' })
    await stranger.stop()
  })

  test('the guard keeps few capabilities and the scanner none, no way to new ones, and no network', {
    skip: !isRoot && 'needs root',
  }, (context) => {
    if (agent.degradations.length > 0)
      return context.skip(`this system lacks: ${agent.degradations.join(', ')}`)
    const status = (name: string, field: string) =>
      new RegExp(`^${field}:\\s*(\\S+)`, 'm').exec(readFileSync(`/proc/${pidOf(name)}/status`, 'utf8'))?.[1]
    assert.equal(status('scanner', 'CapEff'), '0000000000000000')
    assert.equal(status('scanner', 'Uid'), String(serviceUser('scanner').uid))
    // CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_MODULE, CAP_SYS_RAWIO, CAP_SYS_ADMIN, CAP_SETUID.
    const refused = [12, 13, 16, 17, 21, 7].reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n)
    assert.equal(BigInt(`0x${status('guard', 'CapEff')}`) & refused, 0n)
    for (const name of ['guard', 'scanner']) {
      assert.equal(status(name, 'NoNewPrivs'), '1')
      const interfaces = readFileSync(`/proc/${pidOf(name)}/net/dev`, 'utf8')
        .trim()
        .split('\n')
        .slice(2)
      assert.deepEqual(
        interfaces.map((line) => line.trim().split(':')[0]),
        ['lo'],
      )
    }
  })

  test('compiled code lies where only the user of the launcher can write', () => {
    const { uid, mode } = statSync(join(folder, 'data', 'agent', 'code-cache'))
    assert.equal(mode & 0o777, 0o700)
    assert.equal(uid, process.getuid?.())
  })

  test('all processes end when the launcher is killed', async () => {
    const other = join(folder, 'other')
    const code = `
      import { startAgentProcesses } from ${JSON.stringify(new URL('./agent-processes.ts', import.meta.url).href)}
      const agent = await startAgentProcesses({ dataFolder: ${JSON.stringify(other)}, withoutDaemon: true })
      console.log(JSON.stringify(agent.processes().map(({ pid }) => pid)))`
    const launcher = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(launcher.stdout, 'data')) as [Buffer]
    launcher.kill('SIGKILL')
    const isThere = (pid: number) =>
      existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
    for (const pid of JSON.parse(line.toString()) as number[]) {
      for (let tries = 0; isThere(pid); tries++) {
        assert.ok(tries < 500, `process ${pid} goes on without its launcher`)
        await sleep(20)
      }
    }
  })

  test('everything works from a checkout that the service users cannot read', {
    skip: !isRoot && 'needs root',
  }, (context) => {
    const closedFolder = join(folder, 'private')
    const checkout = join(closedFolder, 'checkout')
    mkdirSync(checkout, { recursive: true })
    chmodSync(closedFolder, 0o700)
    const repository = fileURLToPath(new URL('../../../../', import.meta.url))
    const launcher = join(checkout, 'apps/agent/src/launcher')
    const path = file('seen-from-there', `xx${MARKER}xx`)
    const code = `
      import { fork } from 'node:child_process'
      import { startAgentProcesses } from '${launcher}/agent-processes.ts'
      const dataFolder = ${JSON.stringify(join(folder, 'private-data'))}
      const agent = await startAgentProcesses({ dataFolder, withoutDaemon: true })
      const client = fork('${launcher}/verbs-client.fixture.ts', [dataFolder, '${serviceUser('daemon').uid}'], { execArgv: [] })
      const call = (id, verb, args) => new Promise((resolve) => {
        client.once('message', resolve)
        if (id > 0) client.send({ id, verb, args })
      })
      await call(0)
      await call(1, 'loadDefinitions', [${JSON.stringify(definitions)}])
      const { result } = await call(2, 'scan', [${JSON.stringify(path)}])
      console.log(result.result.verdict.outcome)
      client.kill()
      await agent.stop()`
    // The real code, bound below a private folder for this process and its children only.
    const bind = `mount --bind "$0" "$1" && exec "$2" --input-type=module -e "$3"`
    const { stdout, stderr, status } = spawnSync(
      'unshare',
      ['--mount', 'sh', '-c', bind, repository, checkout, process.execPath, code],
      { encoding: 'utf8', timeout: 60_000 },
    )
    if (/unshare|mount/.test(stderr) && status !== 0) return context.skip(`no mount here: ${stderr.trim()}`)
    assert.equal(stdout.trim(), 'infected', stderr)
  })

  test('a data folder that the service users cannot reach is refused with the folder to blame', {
    skip: !isRoot && 'needs root',
  }, async () => {
    const closedFolder = join(folder, 'closed')
    mkdirSync(closedFolder, { mode: 0o700 })
    const started = startAgentProcesses({ dataFolder: join(closedFolder, 'data'), withoutDaemon: true })
    await assert.rejects(started, (error: Error & { code?: string }) => {
      assert.equal(error.code, 'permission')
      assert.ok(error.message.includes(`chmod o+x ${closedFolder}`), error.message)
      return true
    })
  })
})
