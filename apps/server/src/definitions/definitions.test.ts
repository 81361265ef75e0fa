import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  assignmentDocumentType,
  DefinitionsAssignment,
  endpoints,
  type RefusedSignature,
} from '@coreward/contracts'
import { importVerificationKey, verifyDocument } from '@coreward/trust'
import { describeRepository, openClient } from '@coreward/updates'
import { heartbeatOf, startTestServer, type TestAgent, type TestServer } from '../server.fixture.ts'
import { openRepository } from '../updates/updates.ts'
import type { CompiledAdditions, DefinitionsSource } from './definitions.ts'

const told = {
  refusedKinds: [{ reason: 'bad', count: 101 }],
  skipped: 3,
  ignored: 4,
  unsupported: [{ format: 'cbc', count: 1, reason: 'not run', names: ['BC.One'] }],
  sets: [{ file: 'own.cud', outcome: 'unverified' as const, reason: 'why', version: 7, builtAt: null }],
}

/** A source of our own: what it compiles to is told apart by its text. */
function sourceOf(text: string, refused: RefusedSignature[] = []): DefinitionsSource {
  return {
    name: 'test',
    sha256: createHash('sha256').update(text).digest('hex'),
    compile: async (version, createdAt) => {
      const bytes = new TextEncoder().encode(`${text} as ${version}`)
      const account = { counts: { ndb: 2 }, refusedCount: refused.length + 1, refused, ...told }
      return { version, createdAt, content: { bytes }, account }
    },
  }
}

/** What a start does with a source; true when it published a set. */
async function start(test: TestServer, source: DefinitionsSource): Promise<boolean> {
  const compiled = await test.server.definitions.prepare(source)
  if (compiled !== undefined) await test.server.definitions.publish(source, compiled)
  return compiled !== undefined
}

async function assignmentOf(test: TestServer, agent: TestAgent): Promise<DefinitionsAssignment | undefined> {
  const { assignment } = (await test.call(endpoints.heartbeat, agent, { body: heartbeatOf() })).body
  if (assignment === undefined) return undefined
  const publicKeys = [await importVerificationKey(test.keys.documentPublicKey)]
  return DefinitionsAssignment.parse(
    await verifyDocument(assignment, { publicKeys, type: assignmentDocumentType }),
  )
}

/** Asks for an update file at an address that is sent as it stands, as far as a URL allows. */
async function ask(test: TestServer, agent: TestAgent, path: string, method = 'GET') {
  const { connection } = agent
  return test.server.agentApp.request(`/agent/v1/updates/${path}`, { method }, { connection })
}

const list = async (test: TestServer) =>
  (await test.call(endpoints.listDefinitions, await test.operator())).body.items

test('a published set is listed, assigned and comes to an agent through TUF, byte for byte', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  assert.equal(await assignmentOf(test, agent), undefined)
  assert.deepEqual(await list(test), [])
  const refused = Array.from({ length: 100 }, (_, line) => ({ file: 'a.ndb', line, reason: 'bad' }))
  assert.ok(await start(test, sourceOf('first', refused)))

  const assigned = await assignmentOf(test, agent)
  const bytes = Buffer.from('first as 2026.11.24.1')
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  assert.deepEqual(assigned, {
    fleetId: test.keys.fleetId,
    agentId: agent.id,
    sequence: 1,
    issuedAt: '2026-11-24T10:00:00.000Z',
    version: '2026.11.24.1',
    target: 'definitions/coreward-2026.11.24.1.bin',
    sha256,
  })
  const [set] = await list(test)
  assert.deepEqual(
    [set?.version, set?.sha256, set?.bytes, set?.counts, set?.refusedCount, set?.refused.length],
    ['2026.11.24.1', sha256, bytes.length, { ndb: 2 }, 101, 100],
  )
  assert.deepEqual({ ...set, ...told }, set)
  assert.deepEqual([set?.current, set?.source, set?.agentsUsing], [true, 'test', 0])

  const folder = mkdtempSync(join(tmpdir(), 'coreward-client-'))
  try {
    const client = await openClient({
      folder,
      trustedRoot: Buffer.from(openRepository(test.folder).root, 'base64'),
      baseUrl: 'https://server/',
      fetch: async (url) => {
        const response = await ask(test, agent, new URL(url).pathname.slice(1))
        return response.status === 404 ? undefined : (response.body ?? undefined)
      },
    })
    await client.refresh()
    await client.download(assigned?.target ?? '', join(folder, 'set.bin'))
    assert.deepEqual(readFileSync(join(folder, 'set.bin')), bytes)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('an agent keeps its assignment while the set is the same, and each new one has a higher number', async () => {
  await using test = await startTestServer()
  const [first, second] = [await test.enroll(), await test.enroll()]
  await start(test, sourceOf('one'))
  const before = [await assignmentOf(test, first), await assignmentOf(test, second)]
  test.clock.advance(1000)
  assert.deepEqual(await assignmentOf(test, first), before[0])
  await start(test, sourceOf('two'))
  const after = [await assignmentOf(test, second), await assignmentOf(test, first)]
  assert.deepEqual(
    [...before, ...after].map((assignment) => [assignment?.sequence, assignment?.version]),
    [
      [1, '2026.11.24.1'],
      [2, '2026.11.24.1'],
      [3, '2026.11.24.2'],
      [4, '2026.11.24.2'],
    ],
  )
  assert.equal(after[0]?.agentId, second.id)
})

test('agents that wait for no command still report which set they use, and are counted', async () => {
  await using test = await startTestServer()
  const agents = [await test.enroll(), await test.enroll()]
  await start(test, sourceOf('one'))
  const versions = { ...heartbeatOf().versions, definitions: '2026.11.24.1' }
  for (const agent of agents) await test.call(endpoints.heartbeat, agent, { body: heartbeatOf({ versions }) })
  assert.equal((await list(test))[0]?.agentsUsing, 2)
  await start(test, sourceOf('two'))
  const outdated = { query: { outdated: 'definitions' } }
  assert.equal((await test.call(endpoints.listAgents, await test.operator(), outdated)).body.total, 2)
})

test('a path that names no file of the updates is answered as unknown, however it is written', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  await start(test, sourceOf('one'))
  assert.equal((await ask(test, agent, 'metadata/root.json')).status, 200)
  const tuf = join(test.folder, 'tuf')
  symlinkSync(join(test.folder, 'keys/documents.pem'), join(tuf, 'metadata/link.json'))
  mkdirSync(join(tuf, 'metadata/folder.json'))
  for (const path of [
    'metadata/none.json',
    'targets/definitions/none.bin',
    'metadata',
    'targets/definitions',
    'metadata/folder.json',
    'metadata/link.json',
    '',
    '/metadata/root.json',
    'metadata//root.json',
    'metadata/..%2f..%2fkeys%2fdocuments.pem',
    '..%2fkeys%2fdocuments.pem',
    'metadata%2f..%2f..%2fkeys/documents.pem',
    'metadata/%2e%2e/metadata%2froot.json%00',
    'metadata/root.json%00.json',
    'metadata/root.json%0a',
    'metadata%5croot.json',
    '%2fetc%2fpasswd',
    'metadata/.hidden',
    'metadata/%ff%fe',
    'metadata/%E0%A4%A',
    `metadata/${'a'.repeat(300)}`,
    `metadata/${'a/'.repeat(20)}root.json`,
  ]) {
    const response = await ask(test, agent, path)
    const { code } = (await response.json()) as { code: string }
    assert.deepEqual([response.status, code], [404, 'definitions.unknown'], path)
  }
  // Segments of two dots are taken away by the URL itself, and lead out of the updates.
  const out = await ask(test, agent, '../../../etc/passwd')
  assert.deepEqual([out.status, ((await out.json()) as { code: string }).code], [404, 'route.unknown'])
  assert.equal((await ask(test, agent, `metadata/${'a'.repeat(501)}`)).status, 400)
})

test('asking for an update’s head, or going away in the middle of it, leaves no file open', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  const big = randomBytes(1_000_000)
  const source = sourceOf('big')
  const compiled = await test.server.definitions.prepare(source)
  assert.ok(compiled)
  await test.server.definitions.publish(source, { ...compiled, content: { bytes: big } })
  const name = readdirSync(join(test.folder, 'tuf/targets/definitions')).find((file) => file.endsWith('.bin'))
  const open = () => readdirSync('/proc/self/fd').length
  const before = open()
  for (let round = 0; round < 20; round++) {
    const head = await ask(test, agent, `targets/definitions/${name}`, 'HEAD')
    assert.equal(head.headers.get('content-length'), '1000000')
    assert.equal((await head.arrayBuffer()).byteLength, 0)
    const left = await ask(test, agent, `targets/definitions/${name}`)
    await left.body?.cancel()
  }
  const whole = await ask(test, agent, `targets/definitions/${name}`)
  assert.deepEqual(Buffer.from(await whole.arrayBuffer()), big)
  assert.ok(open() <= before, `${open()} files are open; before it were ${before}`)
})

test('a start with the same sources publishes nothing, and one with others publishes the next version', async () => {
  await using test = await startTestServer()
  assert.ok(await start(test, sourceOf('one')))
  const again = await startTestServer({ folder: test.folder, now: test.clock.now })
  assert.equal(again.server.definitions.version(), '2026.11.24.1')
  assert.equal(await start(again, sourceOf('one')), false)
  assert.ok(await start(again, sourceOf('two')))
  assert.equal(again.server.definitions.version(), '2026.11.24.2')
  await again[Symbol.asyncDispose]()
  const later = new Date(test.clock.now.getTime() + 86_400_000)
  await using nextDay = await startTestServer({ folder: test.folder, now: later })
  assert.ok(await start(nextDay, sourceOf('three')))
  assert.deepEqual(
    (await list(nextDay)).map(({ version, current }) => [version, current]),
    [
      ['2026.11.25.1', true],
      ['2026.11.24.2', false],
      ['2026.11.24.1', false],
    ],
  )
})

test('the set published last stays in force after a start with a clock that was put back', async () => {
  await using test = await startTestServer()
  await start(test, sourceOf('one'))
  test.clock.advance(-3_600_000)
  await start(test, sourceOf('two'))
  await using again = await startTestServer({ folder: test.folder, now: test.clock.now })
  assert.equal(again.server.definitions.version(), '2026.11.24.2')
  assert.equal(await start(again, sourceOf('two')), false)
})

test('a kill between publishing a set and noting it leaves a start that publishes under the next name', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  // What such a kill leaves: the target is published, and no row says so.
  const bytes = new TextEncoder().encode('left behind')
  await openRepository(test.folder).publish(
    { path: 'definitions/coreward-2026.11.24.1.bin', bytes, custom: {} },
    [],
    [],
  )
  await using again = await startTestServer({ folder: test.folder, now: test.clock.now })
  assert.equal(again.server.definitions.version(), undefined)
  assert.ok(await start(again, sourceOf('one')))
  const assigned = await assignmentOf(again, agent)
  assert.equal(assigned?.version, '2026.11.24.2')
  const file = `targets/definitions/${assigned?.sha256}.coreward-2026.11.24.2.bin`
  assert.equal(await (await ask(again, agent, file)).text(), 'one as 2026.11.24.2')
})

test('a set is published after the offline keys were taken away', async () => {
  await using test = await startTestServer()
  rmSync(join(test.folder, 'offline-keys'), { recursive: true })
  assert.ok(await start(test, sourceOf('one')))
  assert.equal((await assignmentOf(test, await test.enroll()))?.version, '2026.11.24.1')
  await openRepository(test.folder).refresh(new Date(Date.now() + 2 * 86_400_000))
})

test('a set that cannot be published is not in force, and the one before stays', async () => {
  await using test = await startTestServer()
  await start(test, sourceOf('one'))
  const keys = join(test.folder, 'keys/updates')
  renameSync(keys, `${keys}-gone`)
  await assert.rejects(start(test, sourceOf('two')), {
    code: 'updates-unusable',
    message: /cannot be used \(.*\)\. Check .* or restore/s,
  })
  assert.equal(test.server.definitions.version(), '2026.11.24.1')
  assert.equal((await list(test)).length, 1)
  renameSync(`${keys}-gone`, keys)
  assert.ok(await start(test, sourceOf('two')))
})

test('additions are published with their set, which tells of them, until the next one', async () => {
  await using test = await startTestServer()
  const publish = (text: string, additions: readonly CompiledAdditions[]) => {
    const source = sourceOf(text)
    const compile = async (version: string, createdAt: string) => ({
      ...(await source.compile(version, createdAt)),
      additions,
    })
    return start(test, { ...source, compile })
  }
  const since = ['a'.repeat(64), 'b'.repeat(64)]
  const bytes = new TextEncoder().encode('new signatures')
  await publish('one', [{ version: '2026.11.24.1-since-7', since, content: { bytes } }])
  const { targets } = await describeRepository(openRepository(test.folder).folder)
  const [set] = targets.filter(({ path }) => path === 'definitions/coreward-2026.11.24.1.bin')
  const target = 'definitions/additions-2026.11.24.1-since-7.bin'
  assert.deepEqual(JSON.parse(`${set?.custom.additions}`), [
    { version: '2026.11.24.1-since-7', target, since },
  ])
  assert.ok(targets.some(({ path }) => path === target))
  await start(test, sourceOf('two'))
  assert.deepEqual((await openRepository(test.folder).targets()).toSorted(), [
    'definitions/coreward-2026.11.24.1.bin',
    'definitions/coreward-2026.11.24.2.bin',
  ])
})

test('the sets that agents are assigned stay published, however many come after', async () => {
  await using test = await startTestServer()
  const agent = await test.enroll()
  await start(test, sourceOf('one'))
  const old = await assignmentOf(test, agent)
  for (let number = 2; number <= 8; number++) await start(test, sourceOf(`set ${number}`))
  const targets = await openRepository(test.folder).targets()
  assert.ok(targets.includes(old?.target ?? ''))
  assert.ok(targets.length < 8, `${targets.length} targets are kept`)
  assert.equal((await assignmentOf(test, agent))?.version, '2026.11.24.8')
})
