import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { endpoints, type HealthFinding, type Heartbeat } from '@coreward/contracts'
import {
  detectedOf,
  heartbeatOf,
  hostFacts,
  startTestServer,
  type TestAgent,
  type TestServer,
} from '../server.fixture.ts'

const second = 1000
const finding = (severity: HealthFinding['severity']): HealthFinding => ({
  code: 'disk.low',
  severity,
  text: 'x',
})
const beat = (test: TestServer, agent: TestAgent, changes: Partial<Heartbeat> = {}) =>
  test.call(endpoints.heartbeat, agent, { body: heartbeatOf(changes) })
const read = async (test: TestServer, agentId: string) =>
  (await test.call(endpoints.readAgent, await test.operator(), { params: { agentId } })).body

test('a heartbeat is answered with the versions in force, and stored as it was sent', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const sent = heartbeatOf({
    host: { ...hostFacts, hostname: 'renamed', addresses: ['2001:db8::1'] },
    processes: [{ name: 'daemon', pid: 7, pssBytes: 30_000_000, restarts: 2 }],
    spooledEvents: 5,
    quarantinedFiles: 3,
  })
  const answer = await test.call(endpoints.heartbeat, agent, { body: sent })
  assert.deepEqual(answer.body, { serverTime: '2026-11-24T10:00:00.000Z', policyVersion: 1 })
  const shown = await read(test, agent.id)
  assert.deepEqual(shown.host, sent.host)
  assert.deepEqual(shown.versions, sent.versions)
  assert.deepEqual(shown.processes, sent.processes)
  assert.equal(shown.spooledEvents, 5)
  assert.equal(shown.quarantinedFiles, 3)
  assert.equal(shown.lastSeenAt, '2026-11-24T10:00:00.000Z')
  assert.ok(shown.policyCurrent)
})

test('an agent is as its worst finding says, and information is none', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  for (const [severities, health] of [
    [[], 'healthy'],
    [['information'], 'healthy'],
    [['information', 'warning'], 'warning'],
    [['warning', 'critical', 'information'], 'critical'],
  ] as const) {
    await beat(test, agent, { findings: severities.map(finding) })
    const shown = await read(test, agent.id)
    assert.equal(shown.health, health)
    assert.deepEqual(
      shown.findings.map(({ severity }) => severity),
      severities,
    )
  }
})

test('an agent that misses three heartbeats is unknown and offline until the next one', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  assert.equal((await read(test, agent.id)).health, 'unknown')
  await beat(test, agent)
  test.clock.advance(45 * second)
  assert.equal((await read(test, agent.id)).health, 'healthy')
  test.clock.advance(1)
  const silent = await read(test, agent.id)
  assert.equal(silent.health, 'unknown')
  assert.equal(silent.online, false)
  assert.equal(silent.lastSeenAt, '2026-11-24T10:00:00.000Z')
  await beat(test, agent)
  assert.equal((await read(test, agent.id)).online, true)
})

test('a list holds exactly the agents its filter names, and the first page’s numbers count the same', async () => {
  await using test = await startTestServer()
  const operator = await test.operator()
  const [well, ill, worse, silent, gone] = [
    await test.enroll({ hostname: 'well' }),
    await test.enroll({ hostname: 'ill' }),
    await test.enroll({ hostname: 'worse' }),
    await test.enroll({ hostname: 'silent' }),
    await test.enroll({ hostname: 'gone' }),
  ]
  const host = (hostname: string) => ({ ...hostFacts, hostname })
  await beat(test, silent, { host: host('silent') })
  test.clock.advance(60 * second)
  const old = { ...heartbeatOf().versions, policy: null }
  await beat(test, well, { host: host('well') })
  await beat(test, ill, { host: host('ill'), findings: [finding('warning')], versions: old })
  await beat(test, worse, { host: host('worse'), findings: [finding('critical')] })
  await beat(test, gone, { host: host('gone') })
  await test.call(endpoints.revokeAgent, operator, { params: { agentId: gone.id } })
  await test.send(well, [detectedOf(randomUUID())])

  const names = async (query: Record<string, string>) => {
    const { body } = await test.call(endpoints.listAgents, operator, { query })
    assert.equal(body.total, body.items.length)
    return body.items.map((agent) => agent.host.hostname)
  }
  const expected = [
    [{ health: 'healthy' }, 'healthy', ['well']],
    [{ health: 'warning' }, 'warning', ['ill']],
    [{ health: 'critical' }, 'critical', ['worse']],
    [{ health: 'unknown' }, 'unknown', ['gone', 'silent']],
    [{ detections: 'active' }, 'withActiveDetections', ['well']],
    [{ outdated: 'policy' }, 'policyOutdated', ['ill']],
    [{ outdated: 'definitions' }, 'definitionsOutdated', []],
    [{}, 'total', ['gone', 'ill', 'silent', 'well', 'worse']],
  ] as const
  const overview = (await test.call(endpoints.readOverview, operator)).body
  for (const [query, number, hosts] of expected) {
    assert.deepEqual(await names(query), hosts, number)
    assert.equal(overview.agents[number], hosts.length, number)
  }
})

test('a list that is read page by page holds every agent once, also those of one name', async () => {
  await using test = await startTestServer()
  const operator = await test.operator()
  const enrolled: string[] = []
  for (const hostname of ['b', 'a', 'b', 'b', 'c']) enrolled.push((await test.enroll({ hostname })).id)
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const query = { limit: 2, cursor }
    const { body } = await test.call(endpoints.listAgents, operator, { query })
    assert.equal(body.total, 5)
    assert.ok(body.items.length <= 2)
    seen.push(...body.items.map(({ id }) => id))
    cursor = body.next
  } while (cursor !== undefined)
  assert.equal(seen.length, 5)
  assert.deepEqual(new Set(seen), new Set(enrolled))
})

test('search words mean themselves, in any case, in any language', async () => {
  await using test = await startTestServer()
  const operator = await test.operator()
  for (const hostname of ['web_1', 'webx1', 'ÄRGER-50%', '東京-DB']) await test.enroll({ hostname })
  const found = async (search: string) =>
    (await test.call(endpoints.listAgents, operator, { query: { search } })).body.items.map(
      ({ host }) => host.hostname,
    )
  assert.deepEqual(await found('WEB_1'), ['web_1'])
  assert.deepEqual(await found('50%'), ['ÄRGER-50%'])
  assert.deepEqual(await found('ÄRGER'), ['ÄRGER-50%'])
  assert.deepEqual(await found('東京-db'), ['東京-DB'])
  assert.deepEqual(await found('\\'), [])
  assert.deepEqual(await found("' OR 1=1 --"), [])
})

test('a revoked agent’s commands and scans end, and revoking it again changes nothing', async () => {
  await using test = await startTestServer()
  const operator = await test.operator()
  const agent = await test.enroll()
  const params = { agentId: agent.id }
  const scan = await test.call(endpoints.startScan, operator, { params, body: { kind: 'quick' } })
  await beat(test, agent)
  const first = await test.call(endpoints.revokeAgent, operator, { params })
  assert.equal(first.body.state, 'revoked')
  assert.equal(first.body.online, false)
  assert.deepEqual((await test.call(endpoints.revokeAgent, operator, { params })).body, first.body)
  const ended = await test.call(endpoints.readScan, operator, { params: { scanId: scan.body.id } })
  assert.equal(ended.body.state, 'failed')
  assert.equal(ended.body.failure, 'The agent was revoked.')
  const another = await test.call(endpoints.startScan, operator, { params, body: { kind: 'quick' } })
  assert.equal(another.problem?.code, 'certificate.revoked')
})

test('an agent that does not exist is unknown', async () => {
  await using test = await startTestServer()
  const operator = await test.operator()
  const params = { agentId: randomUUID() }
  for (const answer of [
    await test.call(endpoints.readAgent, operator, { params }),
    await test.call(endpoints.revokeAgent, operator, { params }),
    await test.call(endpoints.startScan, operator, { params, body: { kind: 'quick' } }),
  ])
    assert.equal(answer.problem?.code, 'agent.unknown')
})
