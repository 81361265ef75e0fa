/** Tests of endpoints as data: addresses, uniqueness, and that every problem code an endpoint names exists. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addressOf,
  defaultPolicy,
  endpoints,
  PolicySettings,
  ProblemCode,
  parseEnrollmentToken,
  problem,
} from './index.ts'

test('an address has its parameters percent-encoded and leaves out absent query members', () => {
  assert.equal(
    addressOf({ path: '/a/:x/b' }, { x: 'ö/1' }, { q: 'a b', none: undefined }),
    '/a/%C3%B6%2F1/b?q=a+b',
  )
  assert.equal(addressOf({ path: '/u/*' }, { path: 'targets/x y.bin' }), '/u/targets/x%20y.bin')
})

test('a missing parameter is an error that names the endpoint and the parameter', () => {
  assert.throws(() => addressOf({ path: '/a/:x' }), /\/a\/:x: parameter x is missing/)
})

test('no two endpoints share a method and an address, and each lives below the prefix of its credential', () => {
  const seen = new Set<string>()
  for (const [name, endpoint] of Object.entries(endpoints)) {
    const key = `${endpoint.method} ${endpoint.path}`
    assert.ok(!seen.has(key), `${name}: ${key} is declared twice`)
    seen.add(key)
    if (endpoint.credential === 'agent') assert.ok(endpoint.path.startsWith('/agent/v1/'), name)
    if (endpoint.credential === 'operator') assert.ok(endpoint.path.startsWith('/api/v1/'), name)
    for (const code of endpoint.problems) assert.ok(ProblemCode.safeParse(code).success, `${name}: ${code}`)
  }
})

test('only enrolment takes an enrolment token', () => {
  const takers = Object.entries(endpoints).filter(
    ([, endpoint]) => endpoint.credential === 'enrollment-token',
  )
  assert.deepEqual(
    takers.map(([name]) => name),
    ['enroll'],
  )
})

test('the default policy is a valid policy', () => {
  assert.deepEqual(PolicySettings.parse(defaultPolicy), defaultPolicy)
})

test('an enrolment token without a fingerprint is refused', () => {
  const secret = 's'.repeat(43)
  const fingerprint = 'a'.repeat(64)
  assert.deepEqual(parseEnrollmentToken(`cw1.${secret}.${fingerprint}`), {
    secret,
    authoritySha256: fingerprint,
  })
  assert.equal(parseEnrollmentToken(`cw1.${secret}`), undefined)
  assert.equal(parseEnrollmentToken(`cw2.${secret}.${fingerprint}`), undefined)
})

test('a problem carries the status and title of its code', () => {
  assert.deepEqual(problem('agent.unknown', 'no agent 1'), {
    type: 'urn:coreward:problem:agent.unknown',
    title: 'There is no such agent',
    status: 404,
    code: 'agent.unknown',
    detail: 'no agent 1',
  })
})
