import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { endpoints } from '@coreward/contracts'
import { startTestServer, type TestAgent, type TestServer } from '../server.fixture.ts'

const second = 1000
const fetch = async (test: TestServer, agent: TestAgent, wait = 0) =>
  (await test.call(endpoints.fetchCommands, agent, { query: { wait } })).body.commands
const startScan = async (test: TestServer, agent: TestAgent) =>
  (
    await test.call(endpoints.startScan, await test.operator(), {
      params: { agentId: agent.id },
      body: { kind: 'quick' },
    })
  ).body
const readScan = async (test: TestServer, scanId: string) =>
  (await test.call(endpoints.readScan, await test.operator(), { params: { scanId } })).body
const answer = (test: TestServer, agent: TestAgent, commandId: string, body: unknown) =>
  test.call(endpoints.answerCommand, agent, { params: { commandId }, body })

test('a command goes to its agent, in order, with its time, and to no other', async () => {
  await using test = await startTestServer()
  const [agent, other] = [await test.enroll(), await test.enroll()]
  const first = await startScan(test, agent)
  test.clock.advance(1)
  const second = await startScan(test, agent)
  assert.deepEqual(await fetch(test, other), [])
  const commands = await fetch(test, agent)
  assert.deepEqual(
    commands.map(({ order }) => order),
    [first, second].map(({ id: scanId }) => ({
      kind: 'scan',
      scanId,
      request: { kind: 'quick', paths: [] },
    })),
  )
  assert.equal(commands[0]?.issuedAt, '2026-11-24T10:00:00.000Z')
  assert.equal(commands[0]?.expiresAt, '2026-11-24T10:10:00.000Z')
})

test('a command is handed out once, again only when no answer came for a while, and never after one', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  await startScan(test, agent)
  const [command] = await fetch(test, agent)
  assert.ok(command)
  assert.deepEqual(await fetch(test, agent), [])
  test.clock.advance(14.9 * second)
  assert.deepEqual(await fetch(test, agent), [])
  test.clock.advance(0.1 * second)
  assert.deepEqual(await fetch(test, agent), [command])
  assert.equal((await answer(test, agent, command.id, { outcome: 'accepted' })).status, 204)
  test.clock.advance(60 * second)
  assert.deepEqual(await fetch(test, agent), [])
})

test('an agent that waits is given a command as soon as it is issued', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  await test.operator()
  const began = performance.now()
  const waiting = fetch(test, agent, 55)
  await new Promise((done) => setTimeout(done, 50))
  await startScan(test, agent)
  assert.equal((await waiting).length, 1)
  assert.ok(performance.now() - began < 10_000)
})

test('an agent that waits in vain is answered with nothing when its time is over', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const began = performance.now()
  assert.deepEqual(await fetch(test, agent, 1), [])
  assert.ok(performance.now() - began >= 990)
})

test('a server that stops answers the agents that wait', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const waiting = fetch(test, agent, 55)
  await new Promise((done) => setTimeout(done, 50))
  test.stop.abort()
  assert.deepEqual(await waiting, [])
})

test('a command that nobody answers expires, and its scan fails with a reason that says what to look at', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const scan = await startScan(test, agent)
  const [command] = await fetch(test, agent)
  test.clock.advance(600 * second - 1)
  await test.server.tick()
  assert.equal((await readScan(test, scan.id)).state, 'requested')
  test.clock.advance(1)
  assert.deepEqual(await fetch(test, agent), [])
  await test.server.tick()
  const failed = await readScan(test, scan.id)
  assert.equal(failed.state, 'failed')
  assert.match(failed.failure ?? '', /did not answer within 10 minutes. Check that the host is on/)
  // An answer that comes after all changes nothing, and is no fault of the agent's.
  assert.equal((await answer(test, agent, command?.id ?? '', { outcome: 'accepted' })).status, 204)
  assert.equal((await readScan(test, scan.id)).state, 'failed')
})

test('the first answer to a command holds', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const scan = await startScan(test, agent)
  const [command] = await fetch(test, agent)
  const id = command?.id ?? ''
  assert.equal((await answer(test, agent, id, { outcome: 'failed', failure: 'No such path.' })).status, 204)
  assert.equal((await answer(test, agent, id, { outcome: 'accepted' })).status, 204)
  const shown = await readScan(test, scan.id)
  assert.equal(shown.state, 'failed')
  assert.equal(shown.failure, 'No such path.')
})

test('an agent answers only commands that were given to it', async () => {
  await using test = await startTestServer()
  const [agent, other] = [await test.enroll(), await test.enroll()]
  const scan = await startScan(test, agent)
  const [command] = await fetch(test, agent)
  for (const id of [command?.id ?? '', randomUUID()]) {
    const refused = await answer(test, other, id, { outcome: 'failed', failure: 'x' })
    assert.equal(refused.problem?.code, 'command.unknown')
  }
  assert.equal((await readScan(test, scan.id)).state, 'requested')
})

test('a command that a kill interrupted is handed out by the server that starts next', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  await startScan(test, agent)
  const before = await fetch(test, agent)
  await using again = await startTestServer({ folder: test.folder, now: test.clock.now })
  assert.deepEqual(await fetch(again, agent), before)
})
