import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type Command,
  type CommandOrder,
  type CommandOutcome,
  formatEnrollmentToken,
  type Heartbeat,
  type ScanProgress,
} from '@coreward/contracts'
import { createSecret } from '@coreward/trust'
import { pino } from 'pino'
import { Spool } from '../spool/spool.ts'
import { TestServer } from './server.fixture.ts'
import { Uplink } from './uplink.ts'

let folder = ''
let server: TestServer
let spool: Spool
let uplink: Uplink
let carried: CommandOrder[] = []
let carryOut: (order: CommandOrder) => Promise<CommandOutcome>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'coreward-uplink-'))
  mkdirSync(join(folder, 'identity'))
  server = await TestServer.start()
  spool = new Spool(join(folder, 'spool.sqlite'))
  carried = []
  carryOut = async () => ({ outcome: 'done' })
  uplink = await open()
})
afterEach(async () => {
  await uplink[Symbol.asyncDispose]()
  await server.stop()
  spool[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

test('an order becomes an enrolment, and the order is gone', async () => {
  order(server.token)
  uplink.start()
  await until(() => server.heartbeats.length > 0)
  assert.equal(uplink.identity?.enrollment.agentId, server.agentId)
  assert.equal(existsSync(join(folder, 'enrollment.json')), false)
  assert.equal(statSync(join(folder, 'identity/identity.json')).mode & 0o777, 0o600)
  assert.ok(uplink.contact.connected)
  assert.deepEqual(uplink.findings(), [])
})

test('a server whose authority is not the token’s is not told the token', async () => {
  order(formatEnrollmentToken(createSecret(), 'a'.repeat(64)))
  uplink.start()
  await until(() => uplink.findings().length > 0)
  assert.match(uplink.findings()[0]?.text ?? '', /is not the server the token was made by/)
  assert.equal(uplink.identity, undefined)
  assert.ok(existsSync(join(folder, 'enrollment.json')), 'the address may be what is wrong')
})

test('a used token is said to be of no use, and another order is followed', async () => {
  order(server.token.replace(/^cw1\.\w/, 'cw1._'))
  uplink.start()
  await until(() => uplink.findings().length > 0)
  await until(() => !existsSync(join(folder, 'enrollment.json')))
  order(server.token)
  await until(() => uplink.contact.connected)
  assert.deepEqual(uplink.findings(), [])
})

test('what is no token is refused without asking anybody', async () => {
  order('cw1.short')
  uplink.start()
  await until(() => uplink.findings().length > 0)
  assert.match(uplink.findings()[0]?.text ?? '', /copy it whole/)
})

test('events are delivered once they are stored, and an answer that was lost loses none', async () => {
  await enrolled()
  let dropped = 0
  server.beforeEventsAnswer = () => {
    dropped += 1
    return dropped > 1
  }
  const event = spool.enqueue({ type: 'agent.stopped', data: {} })
  await until(() => spool.waiting === 0)
  assert.deepEqual([...server.events.values()], [event])
  assert.equal(dropped, 2)
})

test('events wait while the server is away and arrive when it is back', async () => {
  await enrolled()
  const port = Number(new URL(server.url).port)
  await server.stop()
  spool.enqueue({ type: 'agent.stopped', data: {} })
  uplink.kick()
  await until(() => !uplink.contact.connected)
  assert.equal(uplink.findings()[0]?.code, 'server.unreachable')
  assert.equal(spool.waiting, 1)
  await server.listen(port)
  await until(() => spool.waiting === 0)
})

test('a command is carried out once and answered, though it is handed out again', async () => {
  await enrolled()
  let finish: () => void = () => {}
  carryOut = () =>
    new Promise((resolve) => {
      finish = () => resolve({ outcome: 'done' })
    })
  const command = commandOf({ kind: 'cancel-scan', scanId: randomUUID() })
  server.command(command)
  await until(() => carried.length > 0)
  await delay(1500)
  finish()
  await until(() => server.outcomes.has(command.id))
  assert.deepEqual(server.outcomes.get(command.id), { outcome: 'done' })
  server.outcomes.clear()
  server.command(command)
  await until(() => server.outcomes.has(command.id))
  assert.equal(carried.length, 1)
})

test('a command that was begun before a kill is answered as failed, not begun again', async () => {
  const command = commandOf({ kind: 'cancel-scan', scanId: randomUUID() })
  spool.commands.begin(command.id, command.expiresAt)
  await enrolled()
  server.command(command)
  await until(() => server.outcomes.has(command.id))
  assert.equal(server.outcomes.get(command.id)?.outcome, 'failed')
  assert.equal(carried.length, 0)
})

test('an expired command is answered as failed and not carried out', async () => {
  await enrolled()
  const command = {
    ...commandOf({ kind: 'cancel-scan', scanId: randomUUID() }),
    expiresAt: '2020-01-01T00:00:00.000Z',
  }
  server.command(command)
  await until(() => server.outcomes.has(command.id))
  assert.match(server.outcomes.get(command.id)?.failure ?? '', /expired/)
  assert.equal(carried.length, 0)
})

test('a certificate past two thirds of its life is renewed for a new key, and the agent goes on with it', async () => {
  // A certificate counts from ten minutes ago: of this one more than two thirds have passed.
  server.certificateHours = 4 / 60
  await enrolled()
  server.certificateHours = 24
  const former = uplink.identity
  await until(() => server.renewals.length > 0)
  await until(() => uplink.identity?.privateKey !== former?.privateKey)
  assert.notEqual(uplink.identity?.enrollment.certificate, former?.enrollment.certificate)
  const beats = server.heartbeats.length
  uplink.kick()
  await until(() => server.heartbeats.length > beats)
  assert.match(
    readFileSync(join(folder, 'identity/identity.json'), 'utf8'),
    new RegExp(uplink.identity?.privateKey.split('\n')[1] ?? '-'),
  )
})

test('a revoked agent stops talking, says so, and talks again once it is enrolled anew', async () => {
  await enrolled()
  server.refuse = 'certificate.revoked'
  uplink.kick()
  await until(() => uplink.findings().some((finding) => finding.code === 'certificate.revoked'))
  assert.equal(uplink.findings()[0]?.severity, 'critical')
  assert.throws(() => uplink.session(), { code: 'certificate.revoked' })
  server.refuse = undefined
  const beats = server.heartbeats.length
  uplink.kick()
  await delay(300)
  assert.equal(server.heartbeats.length, beats)
  server.newToken()
  order(server.token)
  await until(() => server.heartbeats.length > beats)
  assert.deepEqual(uplink.findings(), [])
})

test('of many progress reports the last one always arrives', async () => {
  await enrolled()
  const scanId = randomUUID()
  for (let filesDone = 1; filesDone <= 1000; filesDone += 1)
    uplink.reportProgress(progressOf(scanId, filesDone))
  await until(() => server.progress.some((progress) => progress.filesDone === 1000))
  assert.ok(server.progress.length <= 3)
})

test('another server that took the address over is not talked to', async () => {
  await enrolled()
  const port = Number(new URL(server.url).port)
  await server.stop()
  server = await TestServer.start()
  await server.stop()
  await server.listen(port)
  uplink.kick()
  await until(() => /enrolled with/.test(uplink.contact.failure ?? ''))
  assert.equal(server.heartbeats.length, 0)
})

async function open(): Promise<Uplink> {
  return Uplink.open({
    identityFolder: join(folder, 'identity'),
    orderFile: join(folder, 'enrollment.json'),
    spool,
    log: pino({ level: 'silent' }),
    hostFacts: () => heartbeat().host,
    heartbeatSeconds: () => 5,
    collectHeartbeat: async () => heartbeat(),
    onIdentity: async () => {},
    onHeartbeatAnswer: () => {},
    onPolicyVersion: () => {},
    carryOut: (asked) => {
      carried.push(asked)
      return carryOut(asked)
    },
  })
}

async function enrolled(): Promise<void> {
  order(server.token)
  uplink.start()
  await until(() => server.heartbeats.length > 0)
}

function order(token: string): void {
  writeFileSync(join(folder, 'enrollment.json'), JSON.stringify({ serverUrl: server.url, token }))
}

function commandOf(asked: CommandOrder): Command {
  const now = Date.now()
  return {
    id: randomUUID(),
    issuedAt: new Date(now).toISOString(),
    expiresAt: new Date(now + 600_000).toISOString(),
    order: asked,
  }
}

function progressOf(scanId: string, filesDone: number): ScanProgress {
  return {
    scanId,
    filesDone,
    filesTotal: null,
    bytesDone: 0,
    bytesTotal: null,
    detections: 0,
    unscanned: 0,
    bytesPerSecond: 0,
    secondsLeft: null,
    currentPath: null,
  }
}

function heartbeat(): Heartbeat {
  const now = new Date().toISOString()
  return {
    sentAt: now,
    bootedAt: now,
    host: {
      hostname: 'host',
      operatingSystem: 'Debian',
      kernel: '6',
      architecture: 'x64',
      addresses: [],
      machineId: null,
      processors: 1,
      memoryBytes: 1,
    },
    versions: { agent: '0', node: '24', engineLayout: 1, definitions: null, policy: null },
    findings: [],
    processes: [],
    spooledEvents: 0,
    quarantinedFiles: 0,
  }
}

/** Waits for something that happens by itself; the bound is only there so that a failing test ends. */
async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1500; tries += 1) {
    if (condition()) return
    await delay(20)
  }
  assert.fail(`did not happen: ${condition}`)
}
