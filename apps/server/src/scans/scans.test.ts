import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { type EventContent, endpoints, type ScanProgress, type ScanSummary } from '@coreward/contracts'
import { eventOf, heartbeatOf, startTestServer, type TestAgent, type TestServer } from '../server.fixture.ts'

const summary: ScanSummary = {
  filesScanned: 10,
  filesUnchanged: 0,
  filesAnswered: 0,
  filesAgainstAdditions: 0,
  filesExcluded: 1,
  unscanned: { encrypted: 2 },
  bytesScanned: 1000,
  filesInfected: 0,
  foldersUnreadable: 0,
  coverage: 10 / 12,
  startedAt: '2026-11-24T10:00:01.000Z',
  finishedAt: '2026-11-24T10:00:09.000Z',
  definitionsVersion: '2026.11.24.1',
}
const about = (scanId: string) => ({ scanId, kind: 'quick' as const, paths: [], trigger: 'console' as const })
const startedOf = (scanId: string): EventContent => ({ type: 'scan.started', data: about(scanId) })
const finishedOf = (
  scanId: string,
  state: 'completed' | 'cancelled' | 'failed' | 'interrupted' = 'completed',
  changes: Partial<ScanSummary> = {},
): EventContent => ({
  type: 'scan.finished',
  data: { ...about(scanId), state, summary: { ...summary, ...changes }, failure: null },
})
const progressOf = (scanId: string): ScanProgress => ({
  scanId,
  filesDone: 3,
  filesTotal: 12,
  bytesDone: 300,
  bytesTotal: 1200,
  detections: 0,
  unscanned: 0,
  bytesPerSecond: 100,
  secondsLeft: 9,
  currentPath: '/srv/a',
})

const start = async (test: TestServer, agent: TestAgent, body: unknown = { kind: 'quick' }) =>
  test.call(endpoints.startScan, await test.operator(), { params: { agentId: agent.id }, body })
const read = async (test: TestServer, scanId: string) =>
  (await test.call(endpoints.readScan, await test.operator(), { params: { scanId } })).body
const cancel = async (test: TestServer, scanId: string) =>
  test.call(endpoints.cancelScan, await test.operator(), { params: { scanId } })
const report = (test: TestServer, agent: TestAgent, scanId: string, body = progressOf(scanId)) =>
  test.call(endpoints.reportProgress, agent, { params: { scanId }, body })
const commandsOf = async (test: TestServer, agent: TestAgent) =>
  (await test.call(endpoints.fetchCommands, agent, { query: { wait: 0 } })).body.commands
const answer = (test: TestServer, agent: TestAgent, commandId: string, outcome: string) =>
  test.call(endpoints.answerCommand, agent, { params: { commandId }, body: { outcome } })

test('a scan is requested, runs once the agent takes it, shows its progress, and ends as the agent says', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll({ hostname: 'web-9' })
  const asked = await start(test, agent, { kind: 'custom', paths: ['/srv/a b'], action: 'quarantine' })
  const { id } = asked.body
  assert.deepEqual(asked.body, {
    id,
    agentId: agent.id,
    hostname: 'web-9',
    kind: 'custom',
    paths: ['/srv/a b'],
    trigger: 'console',
    requestedBy: 'admin',
    state: 'requested',
    requestedAt: '2026-11-24T10:00:00.000Z',
    startedAt: null,
    finishedAt: null,
    summary: null,
    failure: null,
    progress: null,
  })
  const [command] = await commandsOf(test, agent)
  assert.deepEqual(command?.order, {
    kind: 'scan',
    scanId: id,
    request: { kind: 'custom', paths: ['/srv/a b'], action: 'quarantine' },
  })
  await answer(test, agent, command?.id ?? '', 'accepted')
  assert.equal((await read(test, id)).state, 'running')
  assert.equal((await report(test, agent, id)).status, 204)
  assert.deepEqual((await read(test, id)).progress, progressOf(id))
  await test.send(agent, [startedOf(id), finishedOf(id)])
  const over = await read(test, id)
  assert.deepEqual([over.state, over.summary, over.progress], ['completed', summary, null])
  assert.deepEqual([over.startedAt, over.finishedAt], [summary.startedAt, summary.finishedAt])
  assert.equal(over.requestedBy, 'admin')
  const shown = await test.call(endpoints.readAgent, await test.operator(), { params: { agentId: agent.id } })
  assert.deepEqual(shown.body.lastScan, {
    id,
    kind: 'custom',
    state: 'completed',
    finishedAt: summary.finishedAt,
    summary,
  })
})

test('a scan that an agent began by itself is known from its events, whichever comes first', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const [first, second] = [randomUUID(), randomUUID()]
  await test.send(agent, [startedOf(first)])
  assert.equal((await read(test, first)).state, 'running')
  assert.equal((await read(test, first)).requestedBy, null)
  await test.send(agent, [finishedOf(second, 'interrupted')])
  await test.send(agent, [startedOf(second)])
  assert.equal((await read(test, second)).state, 'interrupted')
  assert.equal((await read(test, second)).requestedAt, summary.startedAt)
})

test('a scan that is cancelled before its agent took it is over at once, and the agent is told to stop it', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const { id } = (await start(test, agent)).body
  const cancelled = (await cancel(test, id)).body
  assert.deepEqual([cancelled.state, cancelled.finishedAt], ['cancelled', '2026-11-24T10:00:00.000Z'])
  assert.deepEqual(
    (await commandsOf(test, agent)).map(({ order }) => order.kind),
    ['cancel-scan'],
  )
})

test('a scan that is cancelled between the command and its answer stays cancelled until the agent says how it ended', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const { id } = (await start(test, agent)).body
  const [command] = await commandsOf(test, agent)
  await cancel(test, id)
  assert.equal((await answer(test, agent, command?.id ?? '', 'accepted')).status, 204)
  await test.send(agent, [startedOf(id)])
  assert.equal((await read(test, id)).state, 'cancelled')
  await test.send(agent, [finishedOf(id, 'cancelled', { filesScanned: 4 })])
  const over = await read(test, id)
  assert.deepEqual([over.state, over.summary?.filesScanned], ['cancelled', 4])
})

test('a running scan runs on until its agent has stopped it', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const id = randomUUID()
  await test.send(agent, [startedOf(id)])
  assert.equal((await cancel(test, id)).body.state, 'running')
  const [command] = await commandsOf(test, agent)
  assert.deepEqual(command?.order, { kind: 'cancel-scan', scanId: id })
  await answer(test, agent, command?.id ?? '', 'done')
  assert.equal((await read(test, id)).state, 'running')
  await test.send(agent, [finishedOf(id, 'cancelled')])
  assert.equal((await read(test, id)).state, 'cancelled')
  const again = await cancel(test, id)
  assert.equal(again.problem?.code, 'scan.over')
  assert.match(again.problem?.detail ?? '', /The scan of web-1 is cancelled/)
})

test('what an agent says at the end is final, even of a scan that was given up', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const { id } = (await start(test, agent)).body
  test.clock.advance(11 * 60_000)
  await test.server.tick()
  assert.equal((await read(test, id)).state, 'failed')
  await test.send(agent, [finishedOf(id)])
  assert.equal((await read(test, id)).state, 'completed')
  await test.send(agent, [finishedOf(id, 'failed'), startedOf(id)])
  assert.equal((await read(test, id)).state, 'completed')
})

test('progress is taken for a running scan of the agent’s own, and for no other', async () => {
  await using test = await startTestServer()
  const [agent, other] = [await test.enroll(), await test.enroll()]
  const id = randomUUID()
  assert.equal((await report(test, agent, id)).problem?.code, 'scan.unknown')
  await test.send(agent, [startedOf(id)])
  assert.equal((await report(test, other, id)).problem?.code, 'scan.unknown')
  assert.equal((await report(test, agent, id, progressOf(randomUUID()))).problem?.code, 'scan.unknown')
  assert.equal((await read(test, id)).progress, null)
  assert.equal((await report(test, agent, id)).status, 204)
  await test.send(agent, [finishedOf(id)])
  assert.equal((await report(test, agent, id)).problem?.code, 'scan.unknown')
  assert.equal((await read(test, id)).progress, null)
})

test('a custom scan names paths, the others none', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  for (const body of [
    { kind: 'custom' },
    { kind: 'quick', paths: ['/srv'] },
    { kind: 'custom', paths: [''] },
  ])
    assert.equal((await start(test, agent, body)).problem?.code, 'request.malformed')
})

test('a host’s list shows its newest scan, though an older one ends later', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const [older, newer] = [randomUUID(), randomUUID()]
  await test.call(endpoints.heartbeat, agent, { body: heartbeatOf() })
  const post = (content: EventContent, at: string) =>
    test.call(endpoints.sendEvents, agent, { body: { events: [eventOf(content, at)] } })
  await post(startedOf(older), '2026-11-24T08:00:00.000Z')
  await post(startedOf(newer), '2026-11-24T09:00:00.000Z')
  await post(finishedOf(older), '2026-11-24T09:30:00.000Z')
  const params = { agentId: agent.id }
  const shown = await test.call(endpoints.readAgent, await test.operator(), { params })
  assert.deepEqual([shown.body.lastScan?.id, shown.body.lastScan?.state], [newer, 'running'])
})

test('scans are listed newest first, by host, state and kind', async () => {
  await using test = await startTestServer()
  const operator = await test.operator()
  const [first, second] = [await test.enroll({ hostname: 'a' }), await test.enroll({ hostname: 'b' })]
  const ids: string[] = []
  for (const [agent, body] of [
    [first, { kind: 'quick' }],
    [second, { kind: 'full' }],
    [first, { kind: 'custom', paths: ['/x'] }],
  ] as const) {
    ids.unshift((await start(test, agent, body)).body.id)
    test.clock.advance(1000)
  }
  await cancel(test, ids[0] ?? '')
  const list = async (query: Record<string, unknown>) =>
    (await test.call(endpoints.listScans, operator, { query })).body
  const idsOf = async (query: Record<string, unknown>) => (await list(query)).items.map(({ id }) => id)
  assert.deepEqual(await idsOf({}), ids)
  assert.deepEqual(await idsOf({ agentId: first.id }), [ids[0], ids[2]])
  assert.deepEqual(await idsOf({ state: 'cancelled' }), [ids[0]])
  assert.deepEqual(await idsOf({ kind: 'full' }), [ids[1]])
  assert.deepEqual(await idsOf({ search: '/x' }), [ids[0]])
  const page = await list({ limit: 2 })
  assert.equal(page.total, 3)
  assert.deepEqual(await idsOf({ limit: 2, cursor: page.next }), [ids[2]])
  const unknown = randomUUID()
  assert.equal((await cancel(test, unknown)).problem?.code, 'scan.unknown')
  const missing = await test.call(endpoints.readScan, operator, { params: { scanId: unknown } })
  assert.match(missing.problem?.detail ?? '', new RegExp(`${unknown}; look for it in the list`))
})
