import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { endpoints, sessionCookie } from '@coreward/contracts'
import { plain, startTestServer, type TestCaller, type TestServer } from '../server.fixture.ts'

const hour = 3_600_000
const password = 'correct horse battery'
const anybody: TestCaller = { connection: plain }
const overTls: TestCaller = { connection: { ...plain, secure: true } }

const setUp = (test: TestServer, token: string | undefined, caller = anybody) =>
  test.call(endpoints.completeSetup, caller, { body: { token, username: 'ada', password } })
const signIn = (test: TestServer, body: unknown, address = '192.0.2.1') =>
  test.call(endpoints.signIn, { connection: { ...plain, address } }, { body })
const cookieOf = (headers: Headers) => headers.get('set-cookie') ?? ''
const callerOf = (headers: Headers): TestCaller => ({
  connection: plain,
  cookie: new RegExp(`^${sessionCookie}=([^;]*)`).exec(cookieOf(headers))?.[1] ?? '',
})
const session = (test: TestServer, caller: TestCaller) => test.call(endpoints.readSession, caller)

test('the first administrator is made with the set-up link, once, and is signed in', async () => {
  await using test = await startTestServer()
  const token = await test.server.operators.offerSetup()
  assert.deepEqual((await test.call(endpoints.readSetup, anybody)).body, { needed: true })
  const made = await setUp(test, token)
  assert.deepEqual(made.body, {
    username: 'ada',
    expiresAt: '2026-11-24T22:00:00.000Z',
    serverVersion: '0.0.0-test',
  })
  assert.deepEqual((await session(test, callerOf(made.headers))).body, made.body)
  assert.deepEqual((await test.call(endpoints.readSetup, anybody)).body, { needed: false })
  assert.equal((await setUp(test, token)).problem?.code, 'setup.done')
  assert.equal(await test.server.operators.offerSetup(), undefined)
})

test('a set-up link that is wrong, older than a day, or followed by a newer one makes nobody', async () => {
  await using test = await startTestServer()
  assert.equal((await setUp(test, 'x')).problem?.code, 'setup.token-wrong')
  const first = await test.server.operators.offerSetup()
  const second = await test.server.operators.offerSetup()
  assert.notEqual(first, second)
  assert.equal((await setUp(test, first)).problem?.code, 'setup.token-wrong')
  assert.equal((await setUp(test, '')).problem?.code, 'setup.token-wrong')
  test.clock.advance(24 * hour)
  const late = await setUp(test, second)
  assert.equal(late.problem?.code, 'setup.token-wrong')
  assert.match(late.problem?.detail ?? '', /older than 24 hours. Start the server again/)
  assert.equal((await setUp(test, await test.server.operators.offerSetup())).status, 200)
})

test('of two who use the set-up link at the same time, one becomes the administrator', async () => {
  await using test = await startTestServer()
  const token = await test.server.operators.offerSetup()
  const codes = (await Promise.all([setUp(test, token), setUp(test, token)])).map(
    ({ problem }) => problem?.code,
  )
  assert.deepEqual(new Set(codes), new Set([undefined, 'setup.done']))
})

test('a password that is too short, or a name that is none, is refused before anything is computed', async () => {
  await using test = await startTestServer()
  const token = await test.server.operators.offerSetup()
  for (const body of [
    { token, username: 'ada', password: 'short' },
    { token, username: 'ada', password: 'x'.repeat(257) },
    { token, username: 'a b', password },
    { token, username: '', password },
  ]) {
    const answer = await test.call(endpoints.completeSetup, anybody, { body })
    assert.equal(answer.problem?.code, 'request.malformed')
    assert.doesNotMatch(JSON.stringify(answer.problem), /short|xxxx|correct horse/)
  }
})

test('the session’s cookie is for this site alone, out of scripts’ reach, and over TLS for TLS only', async () => {
  await using test = await startTestServer()
  const made = await setUp(test, await test.server.operators.offerSetup())
  assert.match(cookieOf(made.headers), /^coreward_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
  const secure = await test.call(endpoints.signIn, overTls, { body: { username: 'ada', password } })
  assert.match(cookieOf(secure.headers), /^coreward_session=[\w-]{43}; .*HttpOnly; Secure; SameSite=Strict$/)
})

test('signing in takes the right password for the right name, and each session is another', async () => {
  await using test = await startTestServer()
  await setUp(test, await test.server.operators.offerSetup())
  for (const body of [
    { username: 'ada', password: `${password} ` },
    { username: 'Ada', password },
    { username: 'nobody', password },
    { username: 'ada', password: '' },
  ]) {
    const refused = await signIn(test, body)
    assert.equal(refused.problem?.code, 'credential.wrong')
    assert.equal(cookieOf(refused.headers), '')
  }
  const [first, second] = [
    await signIn(test, { username: 'ada', password }),
    await signIn(test, { username: 'ada', password }),
  ]
  assert.notEqual(cookieOf(first.headers), cookieOf(second.headers))
  assert.equal((await session(test, callerOf(second.headers))).body.username, 'ada')
})

test('who has signed out is signed out, in this session and no other', async () => {
  await using test = await startTestServer()
  await setUp(test, await test.server.operators.offerSetup())
  const [first, second] = [
    callerOf((await signIn(test, { username: 'ada', password })).headers),
    callerOf((await signIn(test, { username: 'ada', password })).headers),
  ]
  const out = await test.call(endpoints.signOut, first)
  assert.equal(out.status, 204)
  assert.match(cookieOf(out.headers), /^coreward_session=; Max-Age=0; Path=\//)
  assert.equal((await session(test, first)).problem?.code, 'credential.missing')
  assert.equal((await session(test, second)).status, 200)
})

test('a session ends twelve hours after it was last used', async () => {
  await using test = await startTestServer()
  const caller = callerOf((await setUp(test, await test.server.operators.offerSetup())).headers)
  test.clock.advance(11 * hour)
  assert.equal((await session(test, caller)).body.expiresAt, '2026-11-25T09:00:00.000Z')
  test.clock.advance(12 * hour - 1)
  assert.equal((await session(test, caller)).status, 200)
  test.clock.advance(12 * hour)
  assert.equal((await session(test, caller)).problem?.code, 'credential.missing')
})

test('guessing one name is stopped after ten tries, wherever they come from, for a quarter of an hour', async () => {
  await using test = await startTestServer()
  await setUp(test, await test.server.operators.offerSetup())
  const wrong = { username: 'ada', password: 'wrong' }
  // At the same time, because attempts under way have to count each other.
  const codes = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => (await signIn(test, wrong, `192.0.2.${index}`)).problem),
  )
  const of = (code: string) => codes.filter((problem) => problem?.code === code)
  assert.equal(of('credential.wrong').length, 10)
  assert.equal(of('credential.too-many-attempts').length, 2)
  assert.match(of('credential.too-many-attempts')[0]?.detail ?? '', /try again at 2026-11-24T10:15:00\.000Z/)
  const right = await signIn(test, { username: 'ada', password }, '192.0.2.99')
  assert.equal(right.problem?.code, 'credential.too-many-attempts')
  test.clock.advance(hour / 4)
  assert.equal((await signIn(test, { username: 'ada', password }, '192.0.2.99')).status, 200)
})

test('guessing many names from one address is stopped after thirty tries, and others still get in', async () => {
  await using test = await startTestServer()
  await setUp(test, await test.server.operators.offerSetup())
  const tries = Array.from({ length: 31 }, (_, index) =>
    signIn(test, { username: `guess${index}`, password: 'wrong' }, '198.51.100.7'),
  )
  const codes = (await Promise.all(tries)).map(({ problem }) => problem?.code)
  assert.deepEqual(codes.slice(0, 30), Array(30).fill('credential.wrong'))
  assert.equal(codes[30], 'credential.too-many-attempts')
  assert.equal((await signIn(test, { username: 'ada', password }, '192.0.2.1')).status, 200)
})

test('neither the password nor a session’s secret is in any file of the server', async () => {
  await using test = await startTestServer()
  const token = await test.server.operators.offerSetup()
  const { cookie } = callerOf((await setUp(test, token)).headers)
  assert.ok(token && cookie)
  const files = readdirSync(test.folder).filter((name) => name.startsWith('coreward.sqlite'))
  const stored = Buffer.concat(files.map((name) => readFileSync(join(test.folder, name))))
  assert.ok(stored.includes('$argon2id$v=19$m=65536,t=3,p=1$'))
  for (const secret of [password, token, cookie]) assert.ok(!stored.includes(secret))
})
