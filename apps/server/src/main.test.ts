import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:http'
import { type AddressInfo, connect as connectPlain, createServer } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { connect } from 'node:tls'
import type { AgentEvent, Problem, RecordedEvent } from '@coreward/contracts'
import { createAuthority, createRequest, fingerprintOf, issueClientCertificate } from '@coreward/trust'
import {
  ask,
  enroll,
  makeDataFolder,
  run,
  setUp,
  startProcess,
  type TestProcess,
  userOptions,
} from './process.fixture.ts'
import { eventOf, heartbeatOf } from './server.fixture.ts'

const folders: string[] = []
const servers: TestProcess[] = []
after(async () => {
  for (const server of servers) await server.end('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

async function dataFolder(options: { initialized: boolean; user?: number } = { initialized: true }) {
  const folder = await makeDataFolder(options)
  folders.push(folder)
  return folder
}
async function start(...parameters: Parameters<typeof startProcess>) {
  const server = await startProcess(...parameters)
  servers.push(server)
  return server
}
const codeOf = ({ body }: { body: string }) => (JSON.parse(body) as Problem).code

test('over TLS an agent is known by its certificate, and nothing but enrolment answers without one', async () => {
  const folder = await dataFolder()
  const server = await start(folder)
  const agent = await enroll(server, folder)
  const heartbeat = `${server.agentUrl}/agent/v1/heartbeat`
  const body = heartbeatOf()
  const good = await ask(heartbeat, { body, ...agent })
  assert.equal(good.status, 200, good.body)
  assert.ok(JSON.parse(good.body).assignment)

  assert.equal(codeOf(await ask(heartbeat, { body })), 'credential.missing')
  const foreign = await createAuthority({ name: 'Coreward', days: 1 })
  const { csrPem, privateKeyPem } = await createRequest()
  const cert = await issueClientCertificate(foreign, csrPem, { agentId: agent.agentId, hours: 1 })
  const refused = await ask(heartbeat, { body, cert, key: privateKeyPem })
  assert.equal(codeOf(refused), 'certificate.unknown')
  assert.match((JSON.parse(refused.body) as Problem).detail ?? '', /not accepted \(.+\); enrol this host/)

  const authority = JSON.parse((await ask(`${server.agentUrl}/agent/v1/authority`)).body).authority
  const token = JSON.parse((await run('enrollment-token', folder)).output)
  assert.equal(fingerprintOf(authority), token.authoritySha256)
  for (const servername of ['localhost', undefined]) {
    const socket = connect({
      host: '127.0.0.1',
      port: Number(new URL(server.agentUrl).port),
      ca: authority,
      ...(servername === undefined ? {} : { servername }),
    })
    await once(socket, 'secureConnect')
    assert.ok(socket.authorized)
    socket.destroy()
  }
  const older = connect({
    host: '127.0.0.1',
    port: Number(new URL(server.agentUrl).port),
    ca: authority,
    maxVersion: 'TLSv1.2',
  })
  await assert.rejects(once(older, 'secureConnect'), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' })
  await server.end('SIGTERM')
})

test('what cannot be started ends with 2 and one line that says what is wrong and what to do', async () => {
  const [empty, folder] = [await dataFolder({ initialized: false }), await dataFolder()]
  const taken = createServer()
  taken.listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const free = ['--agent-port', '0', '--console-port', '0']
  const note = join(folder, 'note.txt')
  writeFileSync(note, 'not a certificate')
  const cases: [string, string[], RegExp][] = [
    [empty, free, /There is no update repository in .*; run the server’s “initialize” for this data folder/],
    [
      folder,
      ['--agent-port', String(port), '--console-port', '0'],
      new RegExp(`The agents’ listener cannot listen on 127\\.0\\.0\\.1 port ${port}: .*with --agent-port`),
    ],
    [
      folder,
      ['--agent-port', '0', '--console-port', String(port)],
      new RegExp(`The console cannot listen on 127\\.0\\.0\\.1 port ${port}: .*with --console-port`),
    ],
    [folder, [...free, '--console-host', '0.0.0.0'], /open to other hosts at 0\.0\.0\.0 without encryption/],
    [folder, [...free, '--console-host', '127.evil.example'], /open to other hosts at 127\.evil\.example/],
    [
      folder,
      [...free, '--console-certificate', note],
      /Give --console-certificate and --console-key together/,
    ],
    [
      folder,
      [...free, '--console-certificate', note, '--console-key', note],
      /are not a certificate and its key in PEM \(.*\)\. Name two that belong together/,
    ],
    [
      folder,
      [...free, '--console-certificate', `${note}x`, '--console-key', note],
      /note\.txtx cannot be read \(ENOENT.*with --console-certificate/,
    ],
    [
      folder,
      [...free, '--console-assets', join(folder, 'none')],
      /The console's files in .*build the console/,
    ],
    [folder, [...free, '--log-level', 'loud'], /Allowed choices are trace, debug/],
    [folder, ['--agent-port', '70000'], /Give a whole number from 0 to 65535/],
    [folder, [...free, '--group-id', '5'], /Give --user-id together with --group-id/],
  ]
  for (const [where, options, words] of cases) {
    const ended = await run('serve', where, options)
    assert.equal(ended.code, 2, `${options.join(' ')}: ${ended.complaint}`)
    assert.match(ended.complaint, words)
    assert.doesNotMatch(ended.complaint, /\n {4}at /)
    assert.equal(ended.output, '')
  }
  taken.close()
  const early = await run('enrollment-token', empty)
  assert.equal(early.code, 2)
  assert.match(early.complaint, /There is no server in .* yet; start it first/)
})

test('own signatures that would flag a harmless file stop no server that has a good set, and are never published', async () => {
  const folder = await dataFolder()
  const signatures = join(folder, 'signatures')
  mkdirSync(signatures)
  const harmless = '#!/bin/sh\necho "nothing to see"\n'
  const md5 = createHash('md5').update(harmless).digest('hex')
  const wrong = () => writeFileSync(join(signatures, 'own.hdb'), `${md5}:${harmless.length}:Own.Wrong\n`)
  const published = () => readdirSync(join(folder, 'server', 'tuf', 'targets', 'definitions'))
  wrong()
  const refused = await run('serve', folder, [
    '--agent-port',
    '0',
    '--console-port',
    '0',
    '--signatures',
    signatures,
  ])
  assert.equal(refused.code, 2)
  assert.match(
    refused.complaint,
    /The compiled definitions failed their test: .*a harmless script is infected/,
  )
  assert.deepEqual(published(), [])
  rmSync(join(signatures, 'own.hdb'))
  const options = ['--signatures', signatures]
  assert.equal((await (await start(folder, { options })).end('SIGTERM')).code, 0)
  const good = published()
  assert.equal(good.length, 1)
  wrong()
  const later = await start(folder, { options })
  assert.match(later.complaint(), /new definitions are not published, the last ones stay in force/)
  assert.deepEqual(published(), good)
  assert.equal((await later.end('SIGTERM')).code, 0)
})

test('a second server on the same folder is refused, and a killed one leaves nothing in the way', async () => {
  const folder = await dataFolder()
  const first = await start(folder)
  const second = await run('serve', folder, ['--agent-port', '0', '--console-port', '0'])
  assert.equal(second.code, 2)
  assert.match(
    second.complaint,
    /Another server runs on .*Stop it first, or choose another with --data-folder/,
  )
  assert.equal((await ask(`${first.consoleUrl}/api/v1/health`)).status, 200)
  await first.end('SIGKILL')
  const third = await start(folder)
  assert.equal((await third.end('SIGTERM')).code, 0)
})

test('every event that was acknowledged is there exactly once, though the server was killed in between', async () => {
  const folder = await dataFolder()
  let server = await start(folder)
  const agentPort = new URL(server.agentUrl).port
  const agent = await enroll(server, folder)
  const cookie = await setUp(server)
  const made: AgentEvent[] = []
  const acknowledged = new Set<string>()
  let unsure = 0
  /** Sends new events, and those not acknowledged yet, until the server is gone. */
  const sendUntilGone = async () => {
    for (;;) {
      made.push(
        ...Array.from({ length: 10 }, () =>
          eventOf({ type: 'agent.started', data: { agentVersion: '0.1.0', asRoot: false } }),
        ),
      )
      const events = made.filter(({ id }) => !acknowledged.has(id)).slice(0, 500)
      try {
        const answer = await ask(`https://127.0.0.1:${agentPort}/agent/v1/events`, {
          body: { events },
          ...agent,
        })
        assert.equal(answer.status, 200, answer.body)
        for (const { id } of events) acknowledged.add(id)
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error
        unsure += events.length
        return
      }
    }
  }
  for (let round = 0; round < 4; round++) {
    const sending = sendUntilGone()
    await delay(150 + 97 * round)
    await server.end('SIGKILL')
    await sending
    server = await start(folder, { agentPort })
  }
  assert.ok(acknowledged.size > 100, `only ${acknowledged.size} were acknowledged`)
  assert.ok(unsure > 0)
  const stored: string[] = []
  const read = async () => {
    stored.length = 0
    for (let next: string | undefined = ''; next !== undefined; ) {
      const url = `${server.consoleUrl}/api/v1/events?limit=500${next && `&cursor=${next}`}`
      const page = JSON.parse((await ask(url, { cookie })).body) as { items: RecordedEvent[]; next?: string }
      stored.push(...page.items.map(({ id }) => id))
      next = page.next
    }
  }
  await read()
  assert.equal(new Set(stored).size, stored.length)
  for (const id of acknowledged) assert.ok(stored.includes(id), `${id} was acknowledged and is lost`)
  // What was under way is sent again, along with some that had been acknowledged.
  const last = made.slice(-400)
  const answer = await ask(`${server.agentUrl}/agent/v1/events`, { body: { events: last }, ...agent })
  const { recorded, known } = JSON.parse(answer.body) as { recorded: number; known: number }
  assert.equal(recorded + known, last.length)
  await read()
  assert.deepEqual(new Set(stored), new Set(made.map(({ id }) => id)))
  assert.equal(stored.length, made.length)
  await server.end('SIGTERM')
})

test('told to stop, the server ends with 0 within three seconds, whoever is connected', async () => {
  const folder = await dataFolder()
  const server = await start(folder)
  const agent = await enroll(server, folder)
  const cookie = await setUp(server)
  const silent = [server.agentUrl, server.consoleUrl].map((url) =>
    connectPlain({ host: '127.0.0.1', port: Number(new URL(url).port) }).on('error', () => undefined),
  )
  const half = connectPlain({ host: '127.0.0.1', port: Number(new URL(server.consoleUrl).port) })
  half.on('error', () => undefined).write('POST /api/v1/session HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n')
  const live = request(`${server.consoleUrl}/api/v1/live`, { headers: { cookie } })
  live.end()
  const [stream] = await once(live, 'response')
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const waiting = ask(`${server.agentUrl}/agent/v1/commands?wait=55`, agent)
  await delay(300)
  const ended = once(stream, 'end')
  const { code, milliseconds } = await server.end('SIGTERM')
  assert.equal(code, 0, server.complaint())
  assert.ok(milliseconds < 3000, `${milliseconds} ms`)
  assert.deepEqual(JSON.parse((await waiting).body), { commands: [], policyVersion: 1 })
  await ended
  assert.match(text, /: connected/)
  for (const socket of [...silent, half]) socket.destroy()
  // The database was closed: what SQLite keeps beside it while it is open is gone.
  assert.equal(existsSync(join(folder, 'server/coreward.sqlite-wal')), false)
})

test('as root the server becomes another user in every thread, and works on without loading anything', {
  skip: process.getuid?.() === 0 ? false : 'only root can become another user',
}, async () => {
  const user = 64962
  const folder = await dataFolder({ initialized: true, user })
  // Tells on standard error of every module that is loaded.
  const hook = `import { registerHooks } from 'node:module'
    import { writeSync } from 'node:fs'
    registerHooks({ load(url, context, next) { writeSync(2, 'LOADED ' + url + '\\n'); return next(url, context) } })`
  const node = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`]
  const server = await start(folder, { node, options: userOptions(user) })
  const loaded = () => server.complaint().match(/^LOADED .*$/gm) ?? []
  const before = loaded().length
  assert.ok(before > 100, `only ${before} modules were told`)

  const { pid } = server.child
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const status = readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8')
    const ids = Array(4).fill(user).join('\t')
    assert.match(status, new RegExp(`^Uid:\\t${ids}$`, 'm'))
    assert.match(status, new RegExp(`^Gid:\\t${ids}$`, 'm'))
    assert.match(status, /^Groups:\s*$/m)
    assert.match(status, /^CapEff:\t0{16}$/m)
    assert.match(status, /^CapPrm:\t0{16}$/m)
  }
  for (const entry of readdirSync(join(folder, 'server'), { recursive: true, withFileTypes: true })) {
    const { uid, mode } = statSync(join(entry.parentPath, entry.name))
    assert.equal(uid, user, entry.name)
    if (entry.name.endsWith('.key') || entry.name.endsWith('.pem')) assert.equal(mode & 0o077, 0, entry.name)
  }

  const cookie = await setUp(server)
  const agent = await enroll(server, folder, userOptions(user))
  const beat = JSON.parse(
    (await ask(`${server.agentUrl}/agent/v1/heartbeat`, { body: heartbeatOf(), ...agent })).body,
  )
  assert.ok(beat.assignment)
  const events = [eventOf({ type: 'agent.stopped', data: {} })]
  const renewal = { request: (await createRequest()).csrPem }
  const signIn = { username: 'admin', password: 'a long enough password' }
  const asked: [string, Parameters<typeof ask>[1], number][] = [
    [`${server.agentUrl}/agent/v1/policy`, agent, 200],
    [`${server.agentUrl}/agent/v1/events`, { body: { events }, ...agent }, 200],
    [`${server.agentUrl}/agent/v1/certificate`, { body: renewal, ...agent }, 200],
    [`${server.agentUrl}/agent/v1/updates/metadata/timestamp.json`, agent, 200],
    [`${server.agentUrl}/agent/v1/updates/metadata/none.json`, agent, 404],
    [`${server.agentUrl}/agent/v1/commands?wait=0`, agent, 200],
    [`${server.agentUrl}/agent/v1/none`, {}, 404],
    [`${server.consoleUrl}/api/v1/session`, { body: signIn }, 200],
    [`${server.consoleUrl}/api/v1/session`, { body: { ...signIn, password: 'x' } }, 401],
    [`${server.consoleUrl}/api/openapi.json`, {}, 200],
    ...[
      'overview',
      'agents',
      'events',
      'scans',
      'detections',
      'definitions',
      'policy',
      'enrollment-tokens',
    ].map((name): [string, { cookie: string }, number] => [
      `${server.consoleUrl}/api/v1/${name}`,
      { cookie },
      200,
    ]),
    [`${server.consoleUrl}/api/v1/agents/${agent.agentId}/scans`, { body: { kind: 'quick' }, cookie }, 200],
    [`${server.consoleUrl}/api/v1/agents/${agent.agentId}/revoke`, { method: 'POST', cookie }, 200],
    [`${server.consoleUrl}/api/v1/agents/${randomUUID()}`, { cookie }, 404],
  ]
  for (const [url, parts, status] of asked) assert.equal((await ask(url, parts)).status, status, url)
  const { code } = await server.end('SIGTERM')
  assert.equal(code, 0)
  assert.deepEqual(loaded().slice(before), [])
})

test('as root, a folder that the other user cannot reach is told before the server says that it is ready', {
  skip: process.getuid?.() === 0 ? false : 'only root can become another user',
}, async () => {
  const outer = await dataFolder({ initialized: false })
  const folder = join(outer, 'closed', 'data')
  mkdirSync(folder, { recursive: true })
  chmodSync(join(outer, 'closed'), 0o700)
  const keys = ['--offline-keys-folder', join(outer, 'keys')]
  assert.equal((await run('initialize', folder, [...keys, ...userOptions(64962)])).code, 0)
  const free = ['--agent-port', '0', '--console-port', '0', ...userOptions(64962)]
  const ended = await run('serve', folder, free)
  assert.equal(ended.code, 2)
  assert.match(
    ended.complaint,
    /The server's user cannot use .* pass through every folder above, or choose another/,
  )
})

test('initialize makes the keys once, and changes nothing when it is repeated', async () => {
  const folder = await dataFolder({ initialized: false })
  const keys = ['--offline-keys-folder', join(folder, 'keys')]
  assert.equal((await run('initialize', folder, keys)).code, 0)
  const root = readFileSync(join(folder, 'server/tuf/metadata/root.json'))
  assert.equal((await run('initialize', folder, keys)).code, 0)
  assert.deepEqual(readFileSync(join(folder, 'server/tuf/metadata/root.json')), root)
  writeFileSync(join(folder, 'file'), '')
  const wrong = await run('initialize', join(folder, 'other'), [
    '--offline-keys-folder',
    join(folder, 'file/x'),
  ])
  assert.equal(wrong.code, 2)
  assert.match(wrong.complaint, /The offline keys cannot go to .*; name another with --offline-keys-folder/)
})
