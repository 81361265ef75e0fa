import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { crc32, deflateRawSync } from 'node:zlib'
import type { ScanFinding, ScanSummary } from '@coreward/contracts'
import {
  answers,
  makeAgentFolder,
  type RunningAgent,
  startRunningAgent,
} from '../launcher/running-agent.fixture.ts'
import { eicar, stop, until } from './agent.fixture.ts'

const isRoot = process.getuid?.() === 0

describe('the whole agent without a server', { skip: process.platform !== 'linux' && 'Linux only' }, () => {
  let agent: RunningAgent
  before(async () => {
    agent = await startRunningAgent()
  })
  after(() => agent?.[Symbol.asyncDispose]())
  afterEach(() => {
    rmSync(agent.files, { recursive: true })
    mkdirSync(agent.files, { mode: 0o700 })
  })

  test('it answers how it is: its processes, its definitions, and no server', async () => {
    const status = await agent.call('status', {})
    assert.deepEqual(
      status.processes.map(({ name, pid }) => [name, pid]),
      (isRoot ? (['guard', 'scanner', 'daemon'] as const) : (['scanner', 'daemon'] as const)).map((name) => [
        name,
        agent.pidOf(name),
      ]),
    )
    for (const { name, pssBytes } of status.processes) assert.ok((pssBytes ?? 0) > 1_000_000, name)
    assert.equal(status.versions.definitions, 'test-1')
    assert.deepEqual(
      [status.serverUrl, status.agentId, status.connected, status.certificateExpiresAt],
      [null, null, false, null],
    )
    const unexpected = status.findings.filter(
      ({ code }) => !['guard.absent', 'isolation.degraded', 'disk.low'].includes(code),
    )
    assert.deepEqual(unexpected, [])
  })

  test('EICAR is found in a zip in a tar.gz in a private folder, and moved when that is asked', async () => {
    const inner = join(agent.files, 'inner')
    mkdirSync(inner)
    writeFileSync(join(inner, 'mail.zip'), zipOf('eicar.com', eicar()))
    const archive = join(agent.files, 'backup.tar.gz')
    assert.equal(spawnSync('tar', ['-czf', archive, '-C', inner, 'mail.zip']).status, 0)
    rmSync(inner, { recursive: true })
    const { summary, findings } = await scan()
    assert.equal(summary.filesInfected, 1)
    const [finding] = findings
    assert.ok(finding?.kind === 'detection')
    assert.equal(finding.path, archive)
    assert.match(finding.innerPath ?? '', /mail\.zip.*eicar\.com/)
    await scan('quarantine')
    assert.equal(existsSync(archive), false)
    const { items } = await agent.call('listQuarantine', {})
    assert.deepEqual(
      items.map(({ path, innerPath }) => [path, innerPath]),
      [[archive, finding.innerPath]],
    )
    await agent.call('deleteQuarantined', { id: items[0]?.id ?? '' })
  })

  test('a killed daemon is started again, tells of the scan as interrupted, and has lost no event', async () => {
    const before = await eventsOf()
    manyFiles()
    const scanned = agent.call('scan', request())
    scanned.catch(() => {})
    await underWay()
    const { runningScans } = await agent.call('status', {})
    const former = agent.pidOf('daemon')
    assert.ok(former !== null)
    process.kill(former, 'SIGKILL')
    await assert.rejects(scanned, { code: 'agent.unreachable' })
    await until(() => answers(agent.call))
    assert.notEqual(agent.pidOf('daemon'), former)
    const told = (await eventsOf())
      .slice(before.length)
      .filter(({ content }) => content.type !== 'threat.detected')
    assert.deepEqual(
      told.map(({ content }) => content.type),
      ['scan.started', 'scan.finished', 'agent.started'],
    )
    const ended = told[1]?.content
    assert.ok(ended?.type === 'scan.finished')
    assert.equal(ended.data.state, 'interrupted')
    assert.equal(ended.data.scanId, runningScans[0]?.scanId)
    const numbers = (await eventsOf()).map(({ sequence }) => sequence)
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => (numbers[0] ?? 0) + index),
    )
    const { summary } = await scan()
    assert.equal(summary.filesInfected, 1)
  })

  test('a scan goes on to its end when the scanner is killed in the middle of it', async () => {
    manyFiles()
    await survives('scanner')
  })

  test('a scan goes on to its end when the guard is killed in the middle of it', {
    skip: !isRoot && 'needs root: there is no guard otherwise',
  }, async () => {
    manyFiles()
    // A listing of several pages dies with the guard: this folder is in the middle of one.
    for (let index = 0; index < 2000; index += 1) writeFileSync(join(agent.files, `small-${index}`), 'x')
    await survives('guard')
  })

  /** Kills a process in the middle of a scan: every file is accounted for once, and what is there is found. */
  async function survives(name: 'scanner' | 'guard'): Promise<void> {
    const files = spawnSync('find', [agent.files, '-type', 'f']).stdout.toString().trim().split('\n').length
    const scanned = scan()
    await underWay()
    const former = agent.pidOf(name)
    assert.ok(former !== null)
    process.kill(former, 'SIGKILL')
    const { state, failure, summary } = await scanned
    assert.deepEqual([state, failure], ['completed', null])
    assert.notEqual(agent.pidOf(name), former)
    const unscanned = Object.values(summary.unscanned).reduce((sum, count) => sum + count, 0)
    assert.equal(summary.filesScanned + unscanned, files)
    assert.equal(summary.filesInfected, 1)
    await until(async () =>
      (await eventsOf()).some(
        ({ content }) => content.type === 'process.replaced' && content.data.process === name,
      ),
    )
  }

  /** Enough files to scan for a second or two: each has its own cost; the one that counts comes among the last or the first. */
  function manyFiles(): void {
    for (let index = 0; index < 4000; index += 1) {
      writeFileSync(join(agent.files, `f${index}`), Buffer.alloc(30_000, `${index} `))
    }
    writeFileSync(join(agent.files, 'eicar.com'), eicar())
  }

  async function underWay(): Promise<void> {
    await until(async () => {
      const { runningScans } = await agent.call('status', {})
      return (runningScans[0]?.progress?.filesDone ?? 0) > 3
    })
  }

  async function eventsOf() {
    return (await agent.call('listEvents', { limit: 10_000 })).items.reverse()
  }

  async function scan(action?: 'quarantine'): Promise<{
    state: string
    failure: string | null
    summary: ScanSummary
    findings: ScanFinding[]
  }> {
    const findings: ScanFinding[] = []
    const answer = await agent.call('scan', request(action), (progress) => {
      if (progress.kind === 'finding') findings.push(progress.finding)
    })
    return { ...answer, findings }
  }

  function request(action?: 'quarantine') {
    const asked = {
      kind: 'custom' as const,
      paths: [agent.files],
      ...(action === undefined ? {} : { action }),
    }
    return { request: asked, trigger: 'command-line' as const }
  }
})

describe('the launcher as a command', { skip: process.platform !== 'linux' && 'Linux only' }, () => {
  test('it runs on a data folder behind a link, and SIGTERM ends everything within seconds, a scan as well', async () => {
    // Longer than a socket's name may be: where the sockets lie depends on the real path, for every process alike.
    const long = `deep/${'d'.repeat(100)}`
    const made = await makeAgentFolder(long)
    const link = join(made.folder, 'link')
    symlinkSync(made.paths.data, link)
    const launcher = launch(link)
    try {
      await until(() => answers(made.call))
      for (let index = 0; index < 400; index += 1)
        writeFileSync(join(made.files, `f${index}`), Buffer.alloc(400_000, `${index} `))
      const { processes } = await made.call('status', {})
      const scanned = made.call('scan', {
        request: { kind: 'custom', paths: [made.files] },
        trigger: 'command-line',
      })
      scanned.catch(() => {})
      await until(async () => ((await made.call('status', {})).runningScans[0]?.progress?.filesDone ?? 0) > 3)
      const asked = Date.now()
      launcher.kill('SIGTERM')
      await once(launcher, 'exit')
      assert.equal(launcher.exitCode, 0)
      assert.ok(Date.now() - asked < 5_000, `it took ${Date.now() - asked} ms`)
      for (const { pid, name } of processes) assert.ok(!isThere(pid), `${name} is still there`)
    } finally {
      await stop(launcher)
    }
    const again = launch(link)
    try {
      await until(() => answers(made.call))
      const { items } = await made.call('listEvents', { limit: 100 })
      assert.deepEqual(
        items.reverse().map(({ content }) => content.type),
        ['agent.started', 'scan.started', 'scan.finished', 'agent.stopped', 'agent.started'],
      )
      const { lastScan } = await made.call('status', {})
      assert.equal(lastScan?.state, 'interrupted')
    } finally {
      await stop(again)
      rmSync(made.folder, { recursive: true })
      rmSync(made.paths.agent.run, { recursive: true })
    }
  })
})

function launch(dataFolder: string): ChildProcess {
  const main = join(import.meta.dirname, '../launcher/main.ts')
  return spawn(process.execPath, [main, '--data-folder', dataFolder, '--workers', '1'], {
    stdio: ['ignore', 'ignore', 'ignore'],
  })
}

function isThere(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
}

/** A zip of one deflated entry (APPNOTE.TXT 6.3.10, 4.3.7, 4.3.12 and 4.3.16). */
function zipOf(name: string, content: Buffer): Buffer {
  const title = Buffer.from(name)
  const packed = deflateRawSync(content)
  const facts = Buffer.alloc(20)
  facts.writeUInt16LE(8, 0)
  facts.writeUInt32LE(crc32(content), 6)
  facts.writeUInt32LE(packed.length, 10)
  facts.writeUInt32LE(content.length, 14)
  facts.writeUInt16LE(title.length, 18)
  const local = Buffer.concat([Buffer.from('PK\x03\x04\x14\0\0\0'), facts, Buffer.alloc(2), title, packed])
  const opening = Buffer.from('PK\x01\x02\x14\0\x14\0\0\0')
  const central = Buffer.concat([opening, facts, Buffer.alloc(16), title])
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(local.length, 16)
  return Buffer.concat([local, central, end])
}
