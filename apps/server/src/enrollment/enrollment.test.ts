import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { endpoints, parseEnrollmentToken } from '@coreward/contracts'
import { createRequest, createSecret, fingerprintOf, parseCertificate } from '@coreward/trust'
import { hostFacts, startTestServer, stranger, type TestServer } from '../server.fixture.ts'

const minute = 60_000
const day = 86_400_000

/** A request that asks for another's name, for an authority's rights and for a server's; made with OpenSSL, its key is lost. */
const greedyRequest = `-----BEGIN CERTIFICATE REQUEST-----
MIIBnzCCAUUCAQAwWzERMA8GA1UECgwIQ29yZXdhcmQxFzAVBgNVBAsMDmFkbWlu
aXN0cmF0b3JzMS0wKwYDVQQDDCQwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAw
MDAwMDAwMDEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQSO7T45hWC8hAYNVz5
iSUNmSi8HKtxXbL7MIPmIjoSALbrsSRdJOw44iBkEsId9b7bEJgtZEUdSm88R/nE
PftOoIGHMIGEBgkqhkiG9w0BCQ4xdzB1MA8GA1UdEwEB/wQFMAMBAf8wQwYDVR0R
BDwwOoIJbG9jYWxob3N0hi11cm46dXVpZDowMDAwMDAwMC0wMDAwLTQwMDAtODAw
MC0wMDAwMDAwMDAwMDEwHQYDVR0lBBYwFAYIKwYBBQUHAwEGCCsGAQUFBwMCMAoG
CCqGSM49BAMCA0gAMEUCIQDs5p7Tw55W3QDdUVrdOjQlCJPYvHQDob/7vev2wABy
QwIgP643XGXrQ5U5mzB5oc2wUhXWeUZq4dlLUQBpxYeWQdw=
-----END CERTIFICATE REQUEST-----
`

async function enroll(test: TestServer, token: string, request?: string) {
  const body = { token, request: request ?? (await createRequest()).csrPem, host: hostFacts }
  return test.call(endpoints.enroll, stranger, { body })
}

const agentsOf = async (test: TestServer) =>
  (await test.call(endpoints.listAgents, await test.operator())).body.total

const stateOf = async (test: TestServer, id: string) =>
  (await test.call(endpoints.listEnrollmentTokens, await test.operator())).body.items.find(
    (token) => token.id === id,
  )?.state

test('a token becomes an agent with a certificate, an authority, the documents’ key and the first root', async () => {
  await using test = await startTestServer()
  const answer = await enroll(test, await test.createToken())
  assert.equal(answer.status, 200)
  const { agentId, certificate, authority, fleetId, documentKeys, updatesRoot } = answer.body
  assert.equal(parseCertificate(certificate).agentId, agentId)
  assert.ok(new X509Certificate(certificate).verify(new X509Certificate(authority).publicKey))
  assert.equal(fingerprintOf(authority), test.keys.authoritySha256)
  assert.equal(fleetId, test.keys.fleetId)
  assert.deepEqual(documentKeys, [test.keys.documentPublicKey])
  const root = JSON.parse(Buffer.from(updatesRoot, 'base64').toString())
  assert.equal(root.signed.version, 1)
  const agent = await test.call(endpoints.readAgent, await test.operator(), { params: { agentId } })
  assert.deepEqual(agent.body.host, hostFacts)
  assert.equal(agent.body.state, 'enrolled')
  assert.equal(agent.body.health, 'unknown')
})

test('a wrong, a used, an expired and a withdrawn token are refused, and make no agent', async () => {
  await using test = await startTestServer()
  const operator = await test.operator()
  const wrong = `cw1.${createSecret()}.${test.keys.authoritySha256}`
  assert.equal((await enroll(test, wrong)).problem?.code, 'enrollment.token-unknown')
  const elsewhere = `cw1.${parseEnrollmentToken(await test.createToken())?.secret}.${'0'.repeat(64)}`
  assert.equal((await enroll(test, elsewhere)).problem?.code, 'enrollment.token-unknown')
  assert.equal((await enroll(test, 'cw1.short.x')).problem?.code, 'request.malformed')

  const make = () =>
    test.call(endpoints.createEnrollmentToken, operator, { body: { name: 'x', expiresInMinutes: 5 } })
  const withdrawn = (await make()).body
  const params = { tokenId: withdrawn.token.id }
  assert.equal((await test.call(endpoints.withdrawEnrollmentToken, operator, { params })).status, 204)
  assert.equal((await enroll(test, withdrawn.text)).problem?.code, 'enrollment.token-unknown')
  assert.equal(await stateOf(test, withdrawn.token.id), 'withdrawn')

  const expired = (await make()).body
  test.clock.advance(5 * minute)
  const late = await enroll(test, expired.text)
  assert.equal(late.problem?.code, 'enrollment.token-expired')
  assert.match(late.problem?.detail ?? '', /expired at 2026-11-24T10:05:00\.000Z; make a new one/)
  assert.equal(await stateOf(test, expired.token.id), 'expired')
  assert.equal(await agentsOf(test), 0)

  const used = (await make()).body
  assert.equal((await enroll(test, used.text)).status, 200)
  assert.equal((await enroll(test, used.text)).problem?.code, 'enrollment.token-used')
  assert.equal(await stateOf(test, used.token.id), 'used')
  assert.equal(await agentsOf(test), 1)
})

test('of hosts that use one token at the same time, one becomes an agent', async () => {
  await using test = await startTestServer()
  const token = await test.createToken()
  const answers = await Promise.all(Array.from({ length: 8 }, () => enroll(test, token)))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.equal(answers.filter(({ problem }) => problem?.code === 'enrollment.token-used').length, 7)
  assert.equal(await agentsOf(test), 1)
})

test('a certificate request chooses neither the name nor the rights of its certificate', async () => {
  await using test = await startTestServer()
  const victim = await test.enroll()
  const named = await createRequest({ agentId: victim.id })
  for (const request of [named.csrPem, greedyRequest]) {
    const { agentId, certificate } = (await enroll(test, await test.createToken(), request)).body
    const issued = new X509Certificate(certificate)
    assert.equal(issued.subject, `CN=${agentId}`)
    assert.notEqual(agentId, victim.id)
    assert.equal(issued.ca, false)
    assert.deepEqual(issued.keyUsage, ['1.3.6.1.5.5.7.3.2'])
    assert.doesNotMatch(issued.subjectAltName ?? '', /localhost|00000000-0000-4000-8000-000000000001/)
  }
  // Nor does it when it is renewed.
  const renewed = await test.call(endpoints.renewCertificate, victim, { body: { request: greedyRequest } })
  assert.equal(new X509Certificate(renewed.body.certificate).subject, `CN=${victim.id}`)
})

test('a request that is not one is refused, and its token stays usable', async () => {
  await using test = await startTestServer()
  const token = await test.createToken()
  const { csrPem } = await createRequest()
  // The last whole line of PEM is in the signature.
  const damaged = csrPem.replace(/\n.{8}(.{56}\n.*\n-----END)/, '\nAAAAAAAA$1')
  assert.notEqual(damaged, csrPem)
  for (const request of [damaged, `${csrPem.slice(0, 200)}\n`, '-----BEGIN CERTIFICATE REQUEST-----\n'])
    assert.equal((await enroll(test, token, request)).problem?.code, 'enrollment.request-invalid')
  assert.equal((await enroll(test, token, csrPem)).status, 200)
})

test('an agent renews its certificate, and each holds until its own end', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  test.clock.advance(5 * day)
  const { csrPem } = await createRequest()
  const answer = await test.call(endpoints.renewCertificate, agent, { body: { request: csrPem } })
  const raw = new X509Certificate(answer.body.certificate).raw
  const renewed = {
    connection: { ...agent.connection, certificate: { raw, trusted: true, reason: undefined } },
  }
  assert.equal((await test.call(endpoints.fetchPolicy, agent)).status, 200)
  assert.equal((await test.call(endpoints.fetchPolicy, renewed)).status, 200)
  const params = { agentId: agent.id }
  const shown = await test.call(endpoints.readAgent, await test.operator(), { params })
  assert.equal(shown.body.certificateExpiresAt, '2026-12-06T10:00:00.000Z')
  test.clock.advance(3 * day)
  assert.equal((await test.call(endpoints.fetchPolicy, agent)).problem?.code, 'certificate.unknown')
  assert.equal((await test.call(endpoints.fetchPolicy, renewed)).status, 200)
  const broken = { body: { request: '-----BEGIN CERTIFICATE REQUEST-----\n' } }
  const refused = await test.call(endpoints.renewCertificate, renewed, broken)
  assert.equal(refused.problem?.code, 'enrollment.request-invalid')
})

test('a host that was revoked comes back as another agent, and only with a new token', async () => {
  await using test = await startTestServer()
  const token = await test.createToken()
  const first = (await enroll(test, token)).body
  const params = { agentId: first.agentId }
  assert.equal((await test.call(endpoints.revokeAgent, await test.operator(), { params })).status, 200)
  assert.equal((await enroll(test, token)).problem?.code, 'enrollment.token-used')
  const second = (await enroll(test, await test.createToken())).body
  assert.notEqual(second.agentId, first.agentId)
})

test('only what could still be used can be withdrawn', async () => {
  await using test = await startTestServer()
  const operator = await test.operator()
  await test.enroll()
  const [used] = (await test.call(endpoints.listEnrollmentTokens, operator)).body.items
  for (const tokenId of [used?.id ?? '', '00000000-0000-4000-8000-000000000000']) {
    const answer = await test.call(endpoints.withdrawEnrollmentToken, operator, { params: { tokenId } })
    assert.equal(answer.problem?.code, 'enrollment.token-unknown')
  }
})

test('a token’s secret is in one answer, and neither in the list nor in any file', async () => {
  await using test = await startTestServer()
  const operator = await test.operator()
  const text = await test.createToken()
  const secret = parseEnrollmentToken(text)?.secret ?? ''
  assert.ok(secret.length >= 40)
  const list = await test.call(endpoints.listEnrollmentTokens, operator)
  assert.equal(list.body.items.length, 1)
  assert.ok(!JSON.stringify(list.body).includes(secret))
  const files = readdirSync(test.folder).filter((name) => name.startsWith('coreward.sqlite'))
  assert.ok(files.length > 0)
  for (const name of files) assert.ok(!readFileSync(join(test.folder, name)).includes(secret), name)
})
