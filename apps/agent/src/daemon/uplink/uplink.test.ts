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
import type { Identity } from './identity.ts'
import { TestServer } from './server.fixture.ts'
import { Uplink } from './uplink.ts'

let folder = ''
let server: TestServer
let spool: Spool
let uplink: Uplink
let carried: CommandOrder[] = []
let enrolledAs: Identity[] = []
let carryOut: (order: CommandOrder) => Promise<CommandOutcome>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'coreward-uplink-'))
  mkdirSync(join(folder, 'identity'))
  server = await TestServer.start()
  spool = new Spool(join(folder, 'spool.sqlite'))
  carried = []
  enrolledAs = []
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
  await until(() => uplink.contact.connected)
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
  // The stream of events ends before the first request fails.
  await until(() => !uplink.contact.connected && uplink.findings().length > 0)
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
  server.renewedHours = 24
  await enrolled()
  const [former] = enrolledAs
  assert.ok(former !== undefined)
  await until(() => server.renewals.length > 0)
  await until(() => uplink.identity?.privateKey !== former.privateKey)
  assert.notEqual(uplink.identity?.enrollment.certificate, former.enrollment.certificate)
  const beats = server.heartbeats.length
  uplink.kick()
  await until(() => server.heartbeats.length > beats)
  const stored = JSON.parse(readFileSync(join(folder, 'identity/identity.json'), 'utf8'))
  assert.equal(stored.privateKey, uplink.identity?.privateKey)
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

test('an agent whose server moved follows it there, with the identity it has', async () => {
  await enrolled()
  const former = uplink.identity
  await uplink[Symbol.asyncDispose]()
  await server.stop()
  await server.listen()
  assert.notEqual(server.url, former?.serverUrl)
  uplink = await open()
  assert.equal(uplink.mustEnroll(), false)
  await uplink.follow(server.url)
  const beats = server.heartbeats.length
  uplink.start()
  await until(() => server.heartbeats.length > beats)
  await uplink[Symbol.asyncDispose]()
  uplink = await open()
  assert.deepEqual(uplink.identity, { ...former, serverUrl: server.url })
})

test('an agent that was never enrolled has nobody to follow', async () => {
  assert.ok(uplink.mustEnroll())
  await uplink.follow('https://127.0.0.1:9')
  assert.equal(uplink.identity, undefined)
  assert.equal(existsSync(join(folder, 'identity/identity.json')), false)
  assert.throws(() => uplink.session(), { code: 'not-enrolled', message: /run coreward enroll/ })
})

test('a certificate that expired is critical and needs a new enrolment, which ends it', async () => {
  server.certificateHours = 2 / 3600
  await enrolled()
  await uplink[Symbol.asyncDispose]()
  await until(() => Date.parse(uplink.certificateExpiresAt ?? '') < Date.now())
  uplink = await open()
  assert.ok(uplink.mustEnroll())
  assert.deepEqual(
    uplink.findings().map(({ code, severity }) => [code, severity]),
    [['certificate.expiring', 'critical']],
  )
  assert.match(uplink.findings()[0]?.text ?? '', /expired on .*; enrol this host again/)
  uplink.start()
  const beats = server.heartbeats.length
  await until(() => uplink.contact.failure !== null)
  assert.equal(server.heartbeats.length, beats)
  assert.deepEqual(
    uplink.findings().map(({ code }) => code),
    ['certificate.expiring'],
  )
  server.certificateHours = 24
  server.newToken()
  order(server.token)
  await until(() => server.heartbeats.length > beats)
  assert.equal(uplink.mustEnroll(), false)
  assert.deepEqual(uplink.findings(), [])
})

test('a certificate that cannot be renewed is warned of before its end', async () => {
  await enrolled()
  const end = Date.parse(uplink.certificateExpiresAt ?? '')
  assert.deepEqual(uplink.findings(end - 12 * 3_600_000), [])
  assert.deepEqual(
    uplink.findings(end - 1000).map(({ code, severity }) => [code, severity]),
    [['certificate.expiring', 'warning']],
  )
})

test('an agent whose clock makes each new certificate look old does not ask without a pause', async () => {
  server.certificateHours = 4 / 60
  await enrolled()
  await until(() => server.renewals.length > 0)
  await delay(500)
  assert.equal(server.renewals.length, 1)
})

test('an identity that was damaged is told, and another enrolment ends it', async () => {
  writeFileSync(join(folder, 'identity/identity.json'), '{"serverUrl":')
  await uplink[Symbol.asyncDispose]()
  uplink = await open()
  assert.ok(uplink.mustEnroll())
  assert.match(uplink.findings()[0]?.text ?? '', /identity file is damaged; enrol/)
  await enrolled()
  assert.deepEqual(uplink.findings(), [])
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
    onIdentity: async (identity) => {
      enrolledAs.push(identity)
    },
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
