import assert from 'node:assert/strict'
import { randomUUID, X509Certificate } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Endpoint, type EventContent, endpoints, problemMediaType } from '@coreward/contracts'
import { createAuthority, createRequest, issueClientCertificate } from '@coreward/trust'
import { readAssets } from './http/console-assets.ts'
import {
  detectedOf,
  heartbeatOf,
  hostFacts,
  plain,
  startTestServer,
  stranger,
  type TestCaller,
} from './server.fixture.ts'

const all = Object.entries(endpoints) as [string, Endpoint][]
const id = '00000000-0000-4000-8000-000000000000'
const params = {
  agentId: id,
  scanId: id,
  detectionId: id,
  commandId: id,
  tokenId: id,
  path: 'metadata/root.json',
}

test('every endpoint of the contracts is mounted, and nothing else', async () => {
  await using test = await startTestServer()
  const mounted = test.server.routes.map(({ endpoint }) => endpoint)
  assert.deepEqual(new Set(mounted), new Set(Object.values(endpoints)))
  assert.equal(mounted.length, all.length)
})

test('no endpoint that wants a credential answers without it, or with another kind', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const operator = await test.operator()
  const foreign = await createAuthority({ name: 'Coreward', days: 10 })
  const { csrPem } = await createRequest()
  const pem = await issueClientCertificate(foreign, csrPem, { agentId: agent.id, hours: 1 })
  const ours = await issueClientCertificate(test.keys.authority, csrPem, { agentId: agent.id, hours: 1 })
  const holding = (certificate: string, trusted: boolean): TestCaller => ({
    connection: {
      ...plain,
      secure: true,
      certificate: {
        raw: new X509Certificate(certificate).raw,
        trusted,
        reason: trusted ? undefined : 'UNKNOWN',
      },
    },
  })
  const wrong: Record<string, [TestCaller, string][]> = {
    agent: [
      [stranger, 'credential.missing'],
      [{ connection: stranger.connection, cookie: operator.cookie as string }, 'credential.missing'],
      [holding(pem, false), 'certificate.unknown'],
      // Signed by our authority, but never handed out by enrolment: not in the table.
      [holding(ours, true), 'certificate.unknown'],
    ],
    operator: [
      [{ connection: plain }, 'credential.missing'],
      [{ connection: plain, cookie: 'A'.repeat(43) }, 'credential.missing'],
      [{ connection: plain, cookie: 'A'.repeat(4000) }, 'credential.missing'],
      [{ connection: agent.connection }, 'credential.missing'],
    ],
  }
  let asked = 0
  for (const [name, endpoint] of all) {
    for (const [caller, code] of wrong[endpoint.credential] ?? []) {
      const answer = await test.call(endpoint, caller, { params })
      assert.equal(answer.problem?.code, code, `${name} as ${JSON.stringify(caller.cookie)}`)
      assert.equal(answer.headers.get('content-type'), problemMediaType, name)
      asked++
    }
  }
  assert.ok(asked > 80)
})

test('agents’ endpoints are at their listener only, and the console’s at theirs', async () => {
  await using test = await startTestServer()
  for (const [name, endpoint] of all) {
    const other = endpoint.path.startsWith('/agent/') ? test.server.consoleApp : test.server.agentApp
    const path = endpoint.path.replace(/:(\w+)/g, id).replace('*', 'metadata/root.json')
    const response = await other.request(path, { method: endpoint.method }, { connection: plain })
    assert.equal(response.status, 404, name)
    assert.equal(((await response.json()) as { code: string }).code, 'route.unknown', name)
  }
})

test('a revoked agent is refused everywhere', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const revoked = await test.call(endpoints.revokeAgent, await test.operator(), {
    params: { agentId: agent.id },
  })
  assert.equal(revoked.body.state, 'revoked')
  for (const [name, endpoint] of all.filter(([, { credential }]) => credential === 'agent')) {
    const answer = await test.call(endpoint, agent, { params })
    assert.equal(answer.problem?.code, 'certificate.revoked', name)
  }
})

test('a certificate past its end is refused even on a connection that was made before', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  assert.equal((await test.call(endpoints.fetchPolicy, agent)).status, 200)
  test.clock.advance(7 * 86_400_000 + 1)
  assert.equal((await test.call(endpoints.fetchPolicy, agent)).problem?.code, 'certificate.unknown')
})

test('a request that is not JSON, not UTF-8, of the wrong shape or too long is refused before the handler', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const send = async (body: string, headers: Record<string, string> = {}) =>
    (await test.call(endpoints.sendEvents, agent, { body, headers })).problem
  assert.equal((await send('{'))?.code, 'request.malformed')
  assert.equal((await send('{"events":[]}', { 'content-type': 'text/plain' }))?.code, 'request.malformed')
  const wrong = await send('{"events":[{"id":"x"}]}')
  assert.equal(wrong?.code, 'request.malformed')
  assert.ok(wrong?.errors?.some(({ path }) => path === 'body.events.0.id'))
  assert.equal((await send(`{"events":"${'x'.repeat(9 * 1024 * 1024)}"}`))?.code, 'request.too-large')
  const heartbeat = await test.call(endpoints.heartbeat, agent, { body: `{"x":"${'x'.repeat(65 * 1024)}"}` })
  assert.equal(heartbeat.problem?.code, 'request.too-large')
  const cursor = await test.call(endpoints.listEvents, await test.operator(), {
    query: { cursor: 'bm9uc2Vuc2U' },
  })
  assert.equal(cursor.problem?.code, 'request.malformed')
  const limit = await test.call(endpoints.listEvents, await test.operator(), { query: { limit: 501 } })
  assert.equal(limit.problem?.code, 'request.malformed')
})

test('a request that another site made the browser send is refused', async () => {
  await using test = await startTestServer()
  const operator = await test.operator()
  const signOut = async (headers: Record<string, string>) =>
    (await test.call(endpoints.signOut, operator, { headers: { host: 'console.example:8080', ...headers } }))
      .problem?.code
  assert.equal(await signOut({ origin: 'https://evil.example' }), 'request.cross-site')
  assert.equal(await signOut({ origin: 'null' }), 'request.cross-site')
  assert.equal(await signOut({ 'sec-fetch-site': 'cross-site' }), 'request.cross-site')
  assert.equal(await signOut({ 'sec-fetch-site': 'same-site' }), 'request.cross-site')
  const origin = 'http://console.example:8080'
  assert.equal(await signOut({ origin, 'sec-fetch-site': 'same-origin' }), undefined)
})

test('every answer carries the security headers and an id, problems too', async () => {
  await using test = await startTestServer()
  for (const answer of [
    await test.call(endpoints.readHealth, { connection: plain }),
    await test.call(endpoints.readOverview, { connection: plain }),
  ]) {
    assert.match(
      answer.headers.get('content-security-policy') ?? '',
      /default-src 'self'; script-src 'self';/,
    )
    assert.match(answer.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
    assert.equal(answer.headers.get('referrer-policy'), 'no-referrer')
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    assert.match(answer.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/)
  }
})

test('a failure that nobody foresaw is told as such, without its text', async () => {
  await using test = await startTestServer()
  const operator = await test.operator()
  await test.sql.destroy()
  const answer = await test.call(endpoints.listAgents, operator)
  assert.equal(answer.problem?.code, 'server.failed')
  assert.doesNotMatch(JSON.stringify(answer.problem), /sql|driver|destroy/i)
})

interface Operation {
  operationId: string
  responses: Record<string, { description: string }>
  parameters: { name: string; in: string }[]
}

test('OpenAPI names every endpoint with its problems and is served', async () => {
  await using test = await startTestServer()
  const response = await test.server.consoleApp.request('/api/openapi.json', {}, { connection: plain })
  const document = (await response.json()) as {
    openapi: string
    paths: Record<string, Record<string, Operation>>
  }
  assert.equal(document.openapi, '3.1.0')
  for (const [name, endpoint] of all) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}').replace('*', '{path}')
    const operation = document.paths[path]?.[endpoint.method.toLowerCase()]
    assert.equal(operation?.operationId, name)
    const told = Object.values(operation.responses)
      .map(({ description }) => description)
      .join(', ')
    for (const code of endpoint.problems) assert.ok(told.includes(code), `${name}: ${code}`)
    for (const [, parameter] of path.matchAll(/\{(\w+)\}/g))
      assert.ok(
        operation.parameters.some((given) => given.name === parameter && given.in === 'path'),
        `${name}: ${parameter}`,
      )
  }
  const text = JSON.stringify(document)
  for (const [, reference] of text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g))
    assert.ok(text.includes(`"${reference}":{`), reference)
})

test('an agent reads and writes only what is its own', async () => {
  await using test = await startTestServer()
  const operator = await test.operator()
  const [agent, other] = [await test.enroll({ hostname: 'mine' }), await test.enroll({ hostname: 'theirs' })]
  const [detectionId, scanId] = [randomUUID(), randomUUID()]
  const started: EventContent = {
    type: 'scan.started',
    data: { scanId, kind: 'quick', paths: [], trigger: 'start' },
  }
  await test.send(agent, [started, detectedOf(detectionId, { scanId })])
  await test.call(endpoints.actOnDetection, operator, {
    params: { detectionId },
    body: { action: 'quarantine' },
  })
  const { commands } = (await test.call(endpoints.fetchCommands, agent, { query: { wait: 0 } })).body
  assert.equal(commands.length, 1)
  const everything = async () =>
    Promise.all([
      test.call(endpoints.readAgent, operator, { params: { agentId: agent.id } }),
      test.call(endpoints.readDetection, operator, { params: { detectionId } }),
      test.call(endpoints.readScan, operator, { params: { scanId } }),
      test.call(endpoints.listEvents, operator, { query: { agentId: agent.id } }),
    ]).then((answers) => answers.map(({ body }) => body))
  const before = await everything()

  // All that the other one can say, about the first one's things.
  test.clock.advance(1000)
  const commandId = commands[0]?.id ?? ''
  const host = { ...hostFacts, hostname: 'mine' }
  const progress = {
    scanId,
    filesDone: 1,
    filesTotal: 1,
    bytesDone: 1,
    bytesTotal: 1,
    detections: 0,
    unscanned: 0,
    bytesPerSecond: 1,
    secondsLeft: 0,
    currentPath: null,
  }
  const action = { detectionId, path: '/x', action: 'delete', outcome: 'succeeded' } as const
  const codes = [
    await test.call(endpoints.fetchCommands, other, { query: { wait: 0 } }),
    await test.call(endpoints.answerCommand, other, { params: { commandId }, body: { outcome: 'done' } }),
    await test.call(endpoints.reportProgress, other, { params: { scanId }, body: progress }),
    await test.call(endpoints.heartbeat, other, { body: heartbeatOf({ host }) }),
    await test.send(other, [
      started,
      { type: 'threat.action', data: { ...action, quarantineId: null, failure: null } },
      detectedOf(detectionId, { path: '/forged' }),
    ]),
    await test.call(endpoints.renewCertificate, other, { body: { request: (await createRequest()).csrPem } }),
  ].map(({ problem }) => problem?.code)
  assert.deepEqual(codes, [undefined, 'command.unknown', 'scan.unknown', undefined, undefined, undefined])
  assert.deepEqual(await everything(), before)
})

test('the console’s page is given at every address of its own, and what is missing is not found', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-assets-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<title>page</title>')
  writeFileSync(join(folder, 'assets/main-1.js'), 'void 0')
  writeFileSync(join(folder, '.hidden'), 'x')
  const assets = readAssets(folder)
  rmSync(folder, { recursive: true })
  await using test = await startTestServer({ assets })
  const get = (path: string, headers = {}) =>
    test.server.consoleApp.request(path, { headers }, { connection: plain })
  for (const path of ['/', '/hosts', '/hosts/1?tab=2', '/.hidden']) {
    const page = await get(path)
    assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8', path)
    assert.equal(page.headers.get('cache-control'), 'no-cache')
    assert.equal(await page.text(), '<title>page</title>', path)
    const etag = page.headers.get('etag') ?? ''
    assert.equal((await get(path, { 'if-none-match': etag })).status, 304)
  }
  const script = await get('/assets/main-1.js')
  assert.equal(script.headers.get('content-type'), 'text/javascript; charset=utf-8')
  assert.match(script.headers.get('cache-control') ?? '', /immutable/)
  for (const path of ['/assets/none.js', '/api/none', '/agent/v1/heartbeat']) {
    const missing = await get(path)
    assert.equal(missing.status, 404, path)
    assert.equal(missing.headers.get('content-type'), problemMediaType)
  }
  const bare = await startTestServer()
  const none = await bare.server.consoleApp.request('/hosts', {}, { connection: plain })
  assert.equal(none.status, 404)
  await bare[Symbol.asyncDispose]()
  assert.throws(() => readAssets(folder), { code: 'file-unreadable', message: /build the console/ })
})
