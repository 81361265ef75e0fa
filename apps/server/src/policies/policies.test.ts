import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  defaultPolicy,
  endpoints,
  PolicyDocument,
  type PolicySettings,
  policyDocumentType,
} from '@coreward/contracts'
import { importVerificationKey, verifyDocument } from '@coreward/trust'
import { heartbeatOf, startTestServer, type TestAgent, type TestServer } from '../server.fixture.ts'

const changed: PolicySettings = {
  ...defaultPolicy,
  scan: { ...defaultPolicy.scan, networkFileSystems: true, workers: 3 },
}

async function documentOf(test: TestServer, agent: TestAgent): Promise<PolicyDocument> {
  const { document } = (await test.call(endpoints.fetchPolicy, agent)).body
  const publicKeys = [await importVerificationKey(test.keys.documentPublicKey)]
  return PolicyDocument.parse(await verifyDocument(document, { publicKeys, type: policyDocumentType }))
}

const deploy = async (test: TestServer, baseVersion: number, settings: unknown = changed) =>
  test.call(endpoints.deployPolicy, await test.operator(), { body: { baseVersion, settings, note: 'why' } })

test('a new server has our defaults in force as version 1, signed for this fleet', async () => {
  await using test = await startTestServer()
  assert.deepEqual(await documentOf(test, await test.enroll()), {
    fleetId: test.keys.fleetId,
    version: 1,
    issuedAt: '2026-11-24T10:00:00.000Z',
    settings: defaultPolicy,
  })
})

test('a deployed policy has the next version, is signed, and says who deployed it and why', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  test.clock.advance(1000)
  const { body } = await deploy(test, 1)
  assert.deepEqual(
    [body.version, body.deployedBy, body.note, body.deployedAt],
    [2, 'admin', 'why', '2026-11-24T10:00:01.000Z'],
  )
  const document = await documentOf(test, agent)
  assert.equal(document.version, 2)
  assert.deepEqual(document.settings, changed)
  assert.deepEqual((await test.call(endpoints.readPolicy, await test.operator())).body, body)
})

test('changes to a policy that somebody else has replaced are refused and lose nothing', async () => {
  await using test = await startTestServer()
  const other = { ...changed, scan: { ...defaultPolicy.scan, workers: 9 } }
  const answers = await Promise.all([deploy(test, 1), deploy(test, 1, other)])
  const refused = answers.filter(({ problem }) => problem?.code === 'policy.conflict')
  assert.equal(refused.length, 1)
  assert.match(refused[0]?.problem?.detail ?? '', /at version 2, deployed by admin; .* Load it/)
  const won = answers.find(({ status }) => status === 200)
  const inForce = await test.call(endpoints.readPolicy, await test.operator())
  assert.equal(inForce.body.version, 2)
  assert.deepEqual(inForce.body.settings, won?.body.settings)
  assert.equal((await deploy(test, 3)).problem?.code, 'policy.conflict')
})

test('settings out of their bounds are refused with the place of the fault', async () => {
  await using test = await startTestServer()
  const answer = await deploy(test, 1, { ...changed, reporting: { heartbeatSeconds: 1 } })
  assert.equal(answer.problem?.code, 'request.malformed')
  assert.deepEqual(
    answer.problem?.errors?.map(({ path }) => path),
    ['body.settings.reporting.heartbeatSeconds'],
  )
  assert.equal((await test.call(endpoints.readPolicy, await test.operator())).body.version, 1)
})

test('an agent that waits for commands hears of a new policy at once', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const began = performance.now()
  const waiting = test.call(endpoints.fetchCommands, agent, { query: { wait: 55 } })
  await new Promise((done) => setTimeout(done, 50))
  await deploy(test, 1)
  assert.deepEqual((await waiting).body, { commands: [], policyVersion: 2 })
  assert.ok(performance.now() - began < 10_000)
})

test('a policy counts the agents that report it applied, without those that were revoked', async () => {
  await using test = await startTestServer()
  const operator = await test.operator()
  const [first, second, gone] = [await test.enroll(), await test.enroll(), await test.enroll()]
  await deploy(test, 1)
  const versions = { ...heartbeatOf().versions, policy: 2 }
  await test.call(endpoints.heartbeat, first, { body: heartbeatOf({ versions }) })
  await test.call(endpoints.heartbeat, second, { body: heartbeatOf() })
  await test.call(endpoints.heartbeat, gone, { body: heartbeatOf({ versions }) })
  await test.call(endpoints.revokeAgent, operator, { params: { agentId: gone.id } })
  const { body } = await test.call(endpoints.readPolicy, operator)
  assert.deepEqual([body.agentsApplied, body.agentsTotal], [1, 2])
})

test('a server that starts again has the same policy in force, in the same bytes', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  await deploy(test, 1)
  const before = (await test.call(endpoints.fetchPolicy, agent)).body
  test.clock.advance(60_000)
  await using again = await startTestServer({ folder: test.folder, now: test.clock.now })
  assert.deepEqual((await again.call(endpoints.fetchPolicy, agent)).body, before)
})
