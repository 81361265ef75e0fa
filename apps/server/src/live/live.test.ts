import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { endpoints, LiveMessage, sessionCookie } from '@coreward/contracts'
import { detectedOf, heartbeatOf, plain, startTestServer, type TestServer } from '../server.fixture.ts'
import { createLive } from './live.ts'

/** A console that listens: what it has heard, and whether its stream has ended. */
async function listen(test: TestServer, signal?: AbortSignal) {
  const { cookie } = await test.operator()
  const response = await test.server.consoleApp.request(
    endpoints.live.path,
    { headers: { cookie: `${sessionCookie}=${cookie}` }, ...(signal === undefined ? {} : { signal }) },
    { connection: plain },
  )
  assert.equal(response.status, 200)
  const heard = { response, text: '', ended: false }
  const read = async () => {
    for await (const chunk of response.body ?? []) heard.text += new TextDecoder().decode(chunk)
    heard.ended = true
  }
  const reading = read()
  return { heard, reading, messages: () => messagesIn(heard.text) }
}

const messagesIn = (text: string) =>
  [...text.matchAll(/^data: (.*)$/gm)].map(([, json = '']) => LiveMessage.parse(JSON.parse(json)))
const soon = () => new Promise((done) => setTimeout(done, 20))

test('a console hears of a change, after it can be read', async () => {
  await using test = await startTestServer()
  const operator = await test.operator()
  const agent = await test.enroll()
  const { heard, messages } = await listen(test)
  await soon()
  assert.equal(heard.response.headers.get('content-type'), 'text/event-stream')
  assert.match(heard.text, /^retry: 2000\n: connected\n\n$/)
  const detectionId = randomUUID()
  let readable: Promise<number> | undefined
  const publish = async () => {
    while (!messages().some(({ kind }) => kind === 'detection')) await new Promise(setImmediate)
    readable = test
      .call(endpoints.readDetection, operator, { params: { detectionId } })
      .then(({ status }) => status)
  }
  await Promise.all([publish(), test.send(agent, [detectedOf(detectionId)])])
  assert.equal(await readable, 200)
  const kinds = messages().map(({ kind }) => kind)
  assert.deepEqual(kinds.sort(), ['agent', 'detection', 'events'])
})

test('of a change that was taken back no console hears', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const { messages } = await listen(test)
  await soon()
  const operator = await test.operator()
  await test.call(endpoints.deployPolicy, operator, {
    body: { baseVersion: 9, settings: (await test.call(endpoints.readPolicy, operator)).body.settings },
  })
  const body = { events: [{ id: 'x' }] }
  assert.equal((await test.call(endpoints.sendEvents, agent, { body })).status, 400)
  await soon()
  assert.deepEqual(messages(), [])
})

test('consoles hear when an agent comes, changes and falls silent, but not of each heartbeat', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const { messages } = await listen(test)
  const beat = (spooledEvents: number) =>
    test.call(endpoints.heartbeat, agent, { body: heartbeatOf({ spooledEvents }) })
  const count = async () => {
    await soon()
    return messages().filter((message) => message.kind === 'agent' && message.agentId === agent.id).length
  }
  await beat(0)
  assert.equal(await count(), 1)
  await beat(0)
  assert.equal(await count(), 1)
  await beat(1)
  assert.equal(await count(), 2)
  test.clock.advance(46_000)
  await test.server.tick()
  await test.server.tick()
  assert.equal(await count(), 3)
  await beat(1)
  assert.equal(await count(), 4)
})

test('every stream ends when the server stops, and one alone when its console goes away', async () => {
  await using test = await startTestServer()
  const [leaving, staying] = [new AbortController(), new AbortController()]
  const [first, second] = [await listen(test, leaving.signal), await listen(test, staying.signal)]
  await soon()
  leaving.abort()
  await first.reading
  assert.deepEqual([first.heard.ended, second.heard.ended], [true, false])
  test.stop.abort()
  await second.reading
  assert.equal(second.heard.ended, true)
})

test('a console that does not read is cut off instead of filling the memory', async () => {
  const stopping = new AbortController()
  const live = createLive({ stopping: stopping.signal })
  const stream = live.subscribe(new AbortController().signal)
  // Half a megabyte in all.
  for (let round = 0; round < 8000; round++) live.publish({ kind: 'agent', agentId: randomUUID() })
  let length = 0
  for await (const chunk of stream) length += chunk.byteLength
  assert.ok(length > 250_000 && length < 270_000, `${length} bytes were kept`)
  stopping.abort()
})

test('the first page’s numbers are of the last fourteen days, the last one today', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  await test.send(agent, [detectedOf(randomUUID())])
  test.clock.advance(13 * 86_400_000)
  const { body } = await test.call(endpoints.readOverview, await test.operator())
  assert.equal(body.trend.length, 14)
  assert.deepEqual(body.trend[0], { day: '2026-11-24', detections: 1 })
  assert.deepEqual(body.trend[13], { day: '2026-12-07', detections: 0 })
  assert.equal(body.detections.last24Hours, 0)
})
