import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { defaultPolicy, policyDocumentType } from '@coreward/contracts'
import { exportVerificationKey, generateSigningKey, type SigningKey, signDocument } from '@coreward/trust'
import { pino } from 'pino'
import { Spool } from '../spool/spool.ts'
import { effectiveSettings } from './effective-settings.ts'
import { PolicyKeeper } from './policy-keeper.ts'

const fleetId = randomUUID()
let folder = ''
let key: SigningKey
let spool: Spool
let served = ''
let keeper: PolicyKeeper

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'coreward-policy-'))
  key = await generateSigningKey()
  spool = new Spool(join(folder, 'spool.sqlite'))
  keeper = newKeeper()
  await keeper.trust({ fleetId, documentKeys: [exportVerificationKey(key)] })
})
afterEach(() => {
  spool[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

test('before the first policy the defaults hold, and every setting says so', () => {
  assert.equal(keeper.current.version, null)
  const rows = effectiveSettings(keeper.current)
  assert.ok(rows.every((row) => row.source === 'default'))
  assert.deepEqual(
    rows.find((row) => row.name === 'limits.maxDepth'),
    { name: 'limits.maxDepth', value: defaultPolicy.limits.maxDepth, source: 'default' },
  )
})

test('a signed policy comes into force as one frozen value and is there after a restart', async () => {
  served = await sign({ version: 4, networkFileSystems: true })
  await keeper.follow(4)
  assert.equal(keeper.current.version, 4)
  assert.ok(keeper.current.settings.scan.networkFileSystems)
  assert.ok(Object.isFrozen(keeper.current.settings.schedule.quick.days))
  assert.ok(effectiveSettings(keeper.current).every((row) => row.source === 'managed'))
  const again = newKeeper()
  await again.trust({ fleetId, documentKeys: [exportVerificationKey(key)] })
  assert.equal(again.current.version, 4)
  assert.deepEqual(types(), ['policy.applied'])
})

test('an older policy is refused though it is genuine', async () => {
  const old = await sign({ version: 3 })
  served = await sign({ version: 4 })
  await keeper.follow(4)
  served = old
  await keeper.follow(5)
  assert.equal(keeper.current.version, 4)
  assert.match(keeper.findings()[0]?.text ?? '', /versions only grow/)
  assert.deepEqual(types(), ['policy.failed', 'policy.applied'])
})

test('a policy that was changed, is of another type, fleet or signer, or breaks the schema leaves the last good one', async () => {
  served = await sign({ version: 1 })
  await keeper.follow(1)
  const good = readFileSync(join(folder, 'policy.jws'), 'utf8')
  const payload = { fleetId, version: 2, issuedAt: new Date().toISOString(), settings: defaultPolicy }
  const bad = [
    `${(await sign({ version: 2 })).slice(0, -4)}AAAA`,
    await signDocument(payload, { key, type: 'coreward-definitions-assignment+jws' }),
    await signDocument({ ...payload, fleetId: randomUUID() }, { key, type: policyDocumentType }),
    await signDocument(payload, { key: await generateSigningKey(), type: policyDocumentType }),
    await signDocument({ ...payload, settings: {} }, { key, type: policyDocumentType }),
    'no document at all',
  ]
  for (const [index, document] of bad.entries()) {
    served = document
    await keeper.follow(2 + index)
    assert.equal(keeper.current.version, 1, document)
    assert.equal(keeper.findings().length, 1)
  }
  assert.equal(readFileSync(join(folder, 'policy.jws'), 'utf8'), good)
})

test('a failure is told once, and a good policy ends it', async () => {
  served = 'nothing'
  await keeper.follow(2)
  await keeper.follow(2)
  assert.deepEqual(types(), ['policy.failed'])
  served = await sign({ version: 3 })
  await keeper.follow(3)
  assert.deepEqual(keeper.findings(), [])
})

test('a stored policy that was changed on the disk does not hold', async () => {
  served = await sign({ version: 1 })
  await keeper.follow(1)
  writeFileSync(join(folder, 'policy.jws'), served.replace('.', '.e'))
  const again = newKeeper()
  await again.trust({ fleetId, documentKeys: [exportVerificationKey(key)] })
  assert.equal(again.current.version, null)
})

function newKeeper(): PolicyKeeper {
  return new PolicyKeeper({
    folder,
    spool,
    log: pino({ level: 'silent' }),
    fetch: async () => served,
    onChange: () => {},
  })
}

function sign({ version, networkFileSystems = false }: { version: number; networkFileSystems?: boolean }) {
  const settings = { ...defaultPolicy, scan: { ...defaultPolicy.scan, networkFileSystems } }
  const payload = { fleetId, version, issuedAt: new Date().toISOString(), settings }
  return signDocument(payload, { key, type: policyDocumentType })
}

function types(): string[] {
  return spool.list(100).map((event) => event.content.type)
}
