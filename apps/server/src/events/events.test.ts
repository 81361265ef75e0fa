import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { type AgentEvent, type EventContent, endpoints, maxEventsPerRequest } from '@coreward/contracts'
import { sql as raw } from 'kysely'
import { detectedOf, eventOf, startTestServer, type TestAgent, type TestServer } from '../server.fixture.ts'

const started: EventContent = { type: 'agent.started', data: { agentVersion: '0.1.0', asRoot: true } }
const post = (test: TestServer, agent: TestAgent, events: readonly AgentEvent[]) =>
  test.call(endpoints.sendEvents, agent, { body: { events } })
const list = async (test: TestServer, query: Record<string, unknown> = {}) =>
  (await test.call(endpoints.listEvents, await test.operator(), { query })).body

test('an event is listed with its number, its host and both times', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll({ hostname: 'db-1' })
  const event = eventOf(started, '2026-11-24T09:59:59Z')
  assert.deepEqual((await post(test, agent, [event])).body, { recorded: 1, known: 0 })
  assert.deepEqual(await list(test), {
    total: 1,
    items: [
      {
        ...event,
        // One form of time, because times are compared as text.
        occurredAt: '2026-11-24T09:59:59.000Z',
        receivedAt: '2026-11-24T10:00:00.000Z',
        agentId: agent.id,
        hostname: 'db-1',
        number: 9000,
      },
    ],
  })
})

test('an event that is sent again, alone or among others or twice at once, is stored and counts once', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const detectionId = randomUUID()
  const [first, second] = [eventOf(detectedOf(detectionId)), eventOf(started)]
  assert.deepEqual((await post(test, agent, [first, first])).body, { recorded: 1, known: 1 })
  assert.deepEqual((await post(test, agent, [first, second])).body, { recorded: 1, known: 1 })
  const third = eventOf(started)
  const answers = await Promise.all([post(test, agent, [third, first]), post(test, agent, [third, first])])
  assert.equal(
    answers.reduce((sum, { body }) => sum + body.recorded, 0),
    1,
  )
  assert.equal((await list(test)).total, 3)
  const params = { detectionId }
  const detection = await test.call(endpoints.readDetection, await test.operator(), { params })
  assert.equal(detection.body.steps.length, 1)
})

test('two agents may number their events alike; each has its own', async () => {
  await using test = await startTestServer()
  const [first, second] = [await test.enroll(), await test.enroll()]
  const event = eventOf(started)
  assert.equal((await post(test, first, [event])).body.recorded, 1)
  assert.equal((await post(test, second, [event])).body.recorded, 1)
  assert.equal((await list(test, { agentId: first.id })).total, 1)
  assert.equal((await list(test)).total, 2)
})

test('events are listed newest first by when they occurred, in whatever order they come, page by page', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const at = (second: number) => `2026-11-24T09:00:0${second}.000Z`
  const events = [3, 1, 4, 1, 5, 2].map((second) => eventOf(started, at(second)))
  await post(test, agent, events.slice(0, 3))
  await post(test, agent, events.slice(3))
  const times: string[] = []
  const ids = new Set<string>()
  let cursor: string | undefined
  do {
    const page = await list(test, { limit: 2, cursor })
    assert.equal(page.total, 6)
    for (const { id, occurredAt } of page.items) {
      ids.add(id)
      times.push(occurredAt)
    }
    cursor = page.next
  } while (cursor !== undefined)
  assert.deepEqual(times, [5, 4, 3, 2, 1, 1].map(at))
  assert.equal(ids.size, 6)
})

test('a request with too many events, too long a one, or none is refused whole', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const many = Array.from({ length: maxEventsPerRequest }, () => eventOf(started))
  assert.equal((await post(test, agent, [...many, eventOf(started)])).problem?.code, 'request.malformed')
  assert.equal((await post(test, agent, [])).problem?.code, 'request.malformed')
  const long = eventOf({ type: 'policy.failed', data: { version: 1, failure: 'x'.repeat(2001) } })
  assert.equal((await post(test, agent, [eventOf(started), long])).problem?.code, 'request.malformed')
  const path = `/${'x'.repeat(4095)}`
  const unscanned = eventOf({
    type: 'file.unscanned',
    data: { scanId: null, path, innerPath: 'x'.repeat(2000), reason: 'damaged', detail: 'x'.repeat(2000) },
  })
  // The longest events there can be, as many as fit, are taken.
  assert.deepEqual((await post(test, agent, [unscanned])).body, { recorded: 1, known: 0 })
  const tooLong = await test.call(endpoints.sendEvents, agent, {
    body: JSON.stringify({ events: [eventOf(started)] }).padEnd(8 * 1024 * 1024 + 1),
  })
  assert.equal(tooLong.problem?.code, 'request.too-large')
  assert.equal((await list(test)).total, 1)
  assert.deepEqual((await post(test, agent, many)).body, { recorded: maxEventsPerRequest, known: 0 })
})

test('a full disk is told as such, and of the request that met it nothing is stored', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  await test.operator()
  // SQLite answers just as on a full disk when it may not make its file longer.
  await raw`PRAGMA max_page_count = 1`.execute(test.sql)
  const events = Array.from({ length: 200 }, () => eventOf(detectedOf(randomUUID())))
  const refused = await post(test, agent, events)
  assert.equal(refused.status, 507)
  assert.equal(refused.problem?.code, 'storage.full')
  assert.match(refused.problem?.detail ?? '', /Free some space .* nothing was stored/)
  assert.equal((await list(test)).total, 0)
  await raw`PRAGMA max_page_count = 1000000`.execute(test.sql)
  assert.deepEqual((await post(test, agent, events)).body, { recorded: 200, known: 0 })
  assert.equal((await test.call(endpoints.listDetections, await test.operator())).body.total, 200)
})

test('events are found by type, host, scan and words', async () => {
  await using test = await startTestServer()
  const [first, second] = [await test.enroll({ hostname: 'alpha' }), await test.enroll({ hostname: 'beta' })]
  const scanId = randomUUID()
  await test.send(first, [started, detectedOf(randomUUID(), { scanId, path: '/srv/100%_sure.php' })])
  await test.send(second, [started])
  assert.equal((await list(test, { type: 'agent.started' })).total, 2)
  assert.equal((await list(test, { agentId: second.id })).total, 1)
  assert.equal((await list(test, { scanId })).total, 1)
  assert.equal((await list(test, { search: '100%_sure' })).total, 1)
  assert.equal((await list(test, { search: '100__sure' })).total, 0)
  assert.equal((await list(test, { search: 'ALPHA' })).total, 2)
})
