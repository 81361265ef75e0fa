import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { type EventContent, endpoints } from '@coreward/contracts'
import { detectedOf, eventOf, startTestServer, type TestAgent, type TestServer } from '../server.fixture.ts'

type Action = Extract<EventContent, { type: 'threat.action' }>['data']

const quarantineId = randomUUID()
const actionOf = (
  detectionId: string,
  action: Action['action'],
  changes: Partial<Action> = {},
): EventContent => ({
  type: 'threat.action',
  data: {
    detectionId,
    path: '/srv/www/shell.php',
    action,
    outcome: 'succeeded',
    quarantineId: action === 'quarantine' ? quarantineId : null,
    failure: null,
    ...changes,
  },
})
const read = async (test: TestServer, detectionId: string) =>
  (await test.call(endpoints.readDetection, await test.operator(), { params: { detectionId } })).body
const ask = async (test: TestServer, detectionId: string, action: string, evenIfInfected = false) =>
  test.call(endpoints.actOnDetection, await test.operator(), {
    params: { detectionId },
    body: { action, evenIfInfected },
  })
const post = (test: TestServer, agent: TestAgent, content: EventContent, time: string) =>
  test.call(endpoints.sendEvents, agent, {
    body: { events: [eventOf(content, `2026-11-24T${time}.000Z`)] },
  })
const commandOf = async (test: TestServer, agent: TestAgent) => {
  const { commands } = (await test.call(endpoints.fetchCommands, agent, { query: { wait: 0 } })).body
  assert.equal(commands.length, 1)
  return commands[0]
}
const answer = (test: TestServer, agent: TestAgent, commandId: string | undefined, body: unknown) =>
  test.call(endpoints.answerCommand, agent, { params: { commandId: commandId ?? '' }, body })
const activeOf = async (test: TestServer, agent: TestAgent) =>
  (await test.call(endpoints.readAgent, await test.operator(), { params: { agentId: agent.id } })).body
    .activeDetections

test('what an agent finds is an active detection of its host, with the file as it was', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll({ hostname: 'web-3' })
  const [id, scanId] = [randomUUID(), randomUUID()]
  const content = detectedOf(id, { scanId, innerPath: 'a.zip › b', description: 'A web shell.' })
  await test.send(agent, [content])
  const { detectionId: _, plannedAction: __, ...file } = content.data as Record<string, unknown>
  assert.deepEqual(await read(test, id), {
    id,
    agentId: agent.id,
    hostname: 'web-3',
    state: 'active',
    ...file,
    firstSeenAt: '2026-11-24T10:00:00.000Z',
    lastSeenAt: '2026-11-24T10:00:00.000Z',
    quarantineId: null,
    pendingAction: null,
    steps: [
      { at: '2026-11-24T10:00:00.000Z', action: 'detected', outcome: 'succeeded', by: null, failure: null },
    ],
  })
  assert.equal(await activeOf(test, agent), 1)
})

test('a file is quarantined, restored and deleted as an operator asks, step by step', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const id = randomUUID()
  await test.send(agent, [detectedOf(id)])
  const round = async (action: 'quarantine' | 'restore' | 'delete', state: string, order: unknown) => {
    test.clock.advance(1000)
    const pending = (await ask(test, id, action, true)).body
    assert.equal(pending.pendingAction, action)
    assert.deepEqual(pending.steps.at(-1), {
      at: test.clock.now.toISOString(),
      action,
      outcome: 'requested',
      by: 'admin',
      failure: null,
    })
    const command = await commandOf(test, agent)
    assert.deepEqual(command?.order, order)
    await answer(test, agent, command?.id, { outcome: 'done' })
    // Done is not yet told how: the event says.
    assert.equal((await read(test, id)).pendingAction, action)
    await test.send(agent, [actionOf(id, action)])
    const after = await read(test, id)
    assert.deepEqual([after.state, after.pendingAction], [state, null])
    return after
  }
  const path = '/srv/www/shell.php'
  const sha256 = 'a'.repeat(64)
  const order = { detectionId: id, path, sha256 }
  assert.equal(
    (await round('quarantine', 'quarantined', { kind: 'quarantine', ...order })).quarantineId,
    quarantineId,
  )
  assert.equal(await activeOf(test, agent), 0)
  const restore = { kind: 'restore', detectionId: id, quarantineId, path, evenIfInfected: true }
  assert.equal((await round('restore', 'restored', restore)).quarantineId, null)
  await round('quarantine', 'quarantined', { kind: 'quarantine', ...order })
  const after = await round('delete', 'deleted', { kind: 'delete', ...order, quarantineId })
  assert.equal(after.steps.length, 9)
  for (const action of ['quarantine', 'restore', 'delete']) {
    const refused = await ask(test, id, action)
    assert.equal(refused.problem?.code, 'detection.state')
    assert.match(refused.problem?.detail ?? '', /shell\.php on web-1 is deleted; load the detection again/)
  }
})

test('a file in its place is deleted there', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const id = randomUUID()
  await test.send(agent, [detectedOf(id)])
  assert.equal((await ask(test, id, 'restore')).problem?.code, 'detection.state')
  await ask(test, id, 'delete')
  assert.deepEqual((await commandOf(test, agent))?.order, {
    kind: 'delete',
    detectionId: id,
    quarantineId: null,
    path: '/srv/www/shell.php',
    sha256: 'a'.repeat(64),
  })
})

test('while an action is pending no other is asked for', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const id = randomUUID()
  await test.send(agent, [detectedOf(id)])
  await ask(test, id, 'quarantine')
  const refused = await ask(test, id, 'delete')
  assert.equal(refused.problem?.code, 'detection.state')
  assert.match(refused.problem?.detail ?? '', /web-1 has not answered yet whether it could quarantine/)
  assert.equal((await read(test, id)).steps.length, 2)
})

test('an action that failed, by event, by answer or by silence, says why and can be asked for again', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const id = randomUUID()
  await test.send(agent, [detectedOf(id)])
  const failedSteps = async () => {
    const { steps, state, pendingAction } = await read(test, id)
    assert.deepEqual([state, pendingAction], ['active', null])
    return steps.filter(({ outcome }) => outcome === 'failed').map(({ failure }) => failure)
  }
  await ask(test, id, 'quarantine')
  const first = await commandOf(test, agent)
  const failed = { outcome: 'failed', failure: 'The file has changed.' } as const
  await test.send(agent, [actionOf(id, 'quarantine', { ...failed, quarantineId: null })])
  await answer(test, agent, first?.id, failed)
  assert.deepEqual(await failedSteps(), ['The file has changed.'])
  await ask(test, id, 'quarantine')
  await answer(test, agent, (await commandOf(test, agent))?.id, { outcome: 'failed', failure: 'No guard.' })
  assert.deepEqual(await failedSteps(), ['The file has changed.', 'No guard.'])
  await ask(test, id, 'delete')
  test.clock.advance(600_000)
  await test.server.tick()
  assert.match((await failedSteps()).at(-1) ?? '', /did not answer within 10 minutes/)
})

test('events in any order lead to the same state', async () => {
  const events = (id: string): [EventContent, string][] => [
    [detectedOf(id), '09:00:00'],
    [actionOf(id, 'quarantine'), '09:00:01'],
    [actionOf(id, 'restore'), '09:00:02'],
    [actionOf(id, 'quarantine', { outcome: 'failed', quarantineId: null, failure: 'x' }), '09:00:03'],
  ]
  await using test = await startTestServer()
  const agent = await test.enroll()
  for (const order of [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [1, 0, 3, 2],
    [2, 3, 0, 1],
  ]) {
    const id = randomUUID()
    const all = events(id)
    for (const index of order) await post(test, agent, ...(all[index] as [EventContent, string]))
    const detection = await read(test, id)
    assert.deepEqual([detection.state, detection.quarantineId], ['restored', null], String(order))
    assert.deepEqual(
      detection.steps.map(({ at }) => at.slice(17, 19)),
      ['00', '01', '02', '03'],
    )
  }
})

test('a file that is found again is the same detection: seen later, back when it was gone, and no new step otherwise', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const id = randomUUID()
  await post(test, agent, detectedOf(id), '09:00:00')
  await post(test, agent, detectedOf(id, { size: 7 }), '09:10:00')
  const seen = await read(test, id)
  assert.deepEqual(
    [seen.firstSeenAt, seen.lastSeenAt, seen.size, seen.steps.length],
    ['2026-11-24T09:00:00.000Z', '2026-11-24T09:10:00.000Z', 7, 1],
  )
  // An older sighting that comes late changes nothing but when it was first seen.
  await post(test, agent, detectedOf(id, { size: 5 }), '08:00:00')
  const late = await read(test, id)
  assert.deepEqual([late.firstSeenAt, late.size], ['2026-11-24T08:00:00.000Z', 7])
  await post(test, agent, actionOf(id, 'delete'), '09:20:00')
  assert.equal((await read(test, id)).state, 'deleted')
  await post(test, agent, detectedOf(id), '09:30:00')
  assert.equal((await read(test, id)).state, 'active')
  assert.equal(await activeOf(test, agent), 1)
})

test('an agent that names another’s detection touches neither its state nor its story', async () => {
  await using test = await startTestServer()
  const [agent, other] = [await test.enroll(), await test.enroll()]
  const id = randomUUID()
  await test.send(agent, [detectedOf(id)])
  const before = await read(test, id)
  test.clock.advance(1000)
  await test.send(other, [detectedOf(id, { path: '/forged' }), actionOf(id, 'delete')])
  assert.deepEqual(await read(test, id), before)
  assert.equal(await activeOf(test, other), 0)
  // And also when the forger comes first with a step.
  const next = randomUUID()
  await test.send(other, [actionOf(next, 'delete')])
  test.clock.advance(-2000)
  await test.send(agent, [detectedOf(next)])
  assert.equal((await read(test, next)).state, 'active')
})

test('a revoked agent is asked nothing, and what was pending has failed', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const id = randomUUID()
  await test.send(agent, [detectedOf(id)])
  await ask(test, id, 'quarantine')
  await test.call(endpoints.revokeAgent, await test.operator(), { params: { agentId: agent.id } })
  const after = await read(test, id)
  assert.equal(after.pendingAction, null)
  assert.equal(after.steps.at(-1)?.failure, 'The agent was revoked.')
  assert.equal((await ask(test, id, 'quarantine')).problem?.code, 'certificate.revoked')
})

test('detections are listed last seen first, by state, severity, host, scan, time and words, and counted alike', async () => {
  await using test = await startTestServer()
  const operator = await test.operator()
  const [first, second] = [await test.enroll({ hostname: 'a' }), await test.enroll({ hostname: 'b' })]
  const [scanA, scanB] = [randomUUID(), randomUUID()]
  const ids: readonly [string, string, string] = [randomUUID(), randomUUID(), randomUUID()]
  await post(test, first, detectedOf(ids[0], { scanId: scanA, severity: 'low' }), '07:00:00')
  await post(test, second, detectedOf(ids[1], { scanId: scanB, path: '/Ünïcode/50%' }), '08:00:00')
  await post(test, first, detectedOf(ids[2], { scanId: scanA }), '09:00:00')
  // Found again by another scan: it belongs to both.
  await post(test, first, detectedOf(ids[0], { scanId: scanB, severity: 'low' }), '09:30:00')
  await post(test, second, actionOf(ids[1], 'quarantine'), '09:40:00')
  const list = async (query: Record<string, unknown>) => {
    const { body } = await test.call(endpoints.listDetections, operator, { query })
    assert.equal(body.total, body.items.length)
    return body.items.map(({ id }) => ids.indexOf(id))
  }
  assert.deepEqual(await list({}), [0, 2, 1])
  assert.deepEqual(await list({ state: 'active' }), [0, 2])
  assert.deepEqual(await list({ severity: 'low' }), [0])
  assert.deepEqual(await list({ agentId: second.id }), [1])
  assert.deepEqual(await list({ scanId: scanA }), [0, 2])
  assert.deepEqual(await list({ scanId: scanB }), [0, 1])
  assert.deepEqual(await list({ firstSeenFrom: '2026-11-24T08:00:00Z' }), [2, 1])
  assert.deepEqual(await list({ firstSeenBefore: '2026-11-24T08:00:00Z' }), [0])
  assert.deepEqual(await list({ search: 'Ünïcode/50%' }), [1])
  const page = await test.call(endpoints.listDetections, operator, { query: { limit: 1 } })
  const next = await test.call(endpoints.listDetections, operator, { query: { cursor: page.body.next } })
  assert.deepEqual(
    next.body.items.map(({ id }) => ids.indexOf(id)),
    [2, 1],
  )
  const overview = (await test.call(endpoints.readOverview, operator)).body
  assert.deepEqual(overview.detections, { active: 2, quarantined: 1, last24Hours: 3 })
  assert.deepEqual(overview.trend.at(-1), { day: '2026-11-24', detections: 3 })
  const unknown = await test.call(endpoints.readDetection, operator, {
    params: { detectionId: randomUUID() },
  })
  assert.equal(unknown.problem?.code, 'detection.unknown')
})
