import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Refusal } from '../parse/pattern.ts'
import { openSignatureSet, type SignatureSet } from './open-signature-set.ts'
import { parseSetHeader } from './set-header.ts'
import { officialKeys, signsMd5 } from './set-signature.ts'
import { joined, makeSet, type SetRecipe, someFiles, testKeys } from './signature-set.fixture.ts'

/** Enough to see each kind of damage; many more have been run. */
const ROUNDS = Number(process.env.COREWARD_MUTATIONS ?? 400)

const textsIn = ({ files }: SignatureSet) =>
  Object.fromEntries(
    files.map(({ name, text }) => [
      name,
      typeof text === 'string' ? text : Buffer.concat([...text()]).toString(),
    ]),
  )

async function refusal(bytes: Uint8Array): Promise<string> {
  try {
    await openSignatureSet('x.cvd', bytes, testKeys)
  } catch (error) {
    assert.ok(error instanceof Refusal, `${error}`)
    return error.message
  }
  return 'taken'
}

const refusalOf = async (recipe: SetRecipe) => refusal(await makeSet(recipe))

test('a set that is signed in its header, or in its list of files, is verified; one without a signature is not', async () => {
  const outcome = async (recipe: SetRecipe) => {
    const set = await openSignatureSet('main.cvd', await makeSet(recipe), testKeys)
    assert.deepEqual(textsIn(set), {
      'main.cvd/main.hdb': someFiles['main.hdb'],
      'main.cvd/main.ndb': someFiles['main.ndb'],
    })
    return set.verification.outcome
  }
  assert.equal(await outcome({ signHeader: true }), 'verified')
  assert.equal(await outcome({ signInfo: true, compress: false }), 'verified')
  assert.equal(
    await outcome({ signInfo: true, header: (text) => text.replace(/[0-9a-f]{32}/, 'X') }),
    'verified',
  )
  assert.equal(await outcome({}), 'unverified')
  assert.equal(await outcome({ compress: false }), 'unverified')
})

test('the header tells version, number of signatures, builder and time', async () => {
  const { header } = await openSignatureSet('main.cud', await makeSet())
  assert.deepEqual(
    { ...header, md5: header.md5?.length },
    {
      version: 7,
      signatureCount: 3,
      functionalityLevel: 90,
      md5: 32,
      signature: undefined,
      builder: 'tester',
      builtAt: '2026-11-25T12:31:37.000Z',
    },
  )
})

test('headers that ClamAV published are signed with its key, each for its own MD5 alone', () => {
  const headers = [
    'ClamAV-VDB:16 Dec 2025 23-18 +0000:63:3287027:90:9c353a6b32555186a45a61c6441f38c0:gI9w3cezaElJbedEoiykyQeX1f6j9Xbs3a+cf9U/kH5QScGMe2mRz1K2JlYOrqfBuOUMbiKmvkVvAquOsMeDp/ejLVDx5WulC6klZVhLOfBHda29OjaLZwEGR9GPIHDr0mXriv7pivuMH60/loxpASIJHLOszyj95pxVK+EaTCh:tomjudge:1765927102',
    'ClamAV-VDB:26 Sep 2026 06-24 +0000:28135:355678:90:f028011319ac371fc1d722bc77ce109d:dmZwAflr3ZUqHZNTqxgww2flmNvgqjHZFB2gI20Unm5Uvz6hM0SeuN4NCTPr+Jdwa7k6P3LJDH7vHrxzFq6hhN+EXuqpswsXEk/6bawtiAj2/m5rKm9jTRozA4SiZZTXaslHTJqKmpwunwss42/e7n02TPYjMQlHBC7x5JuYtaf:svc.clamav-publisher:1790403853',
  ].map((text) => parseSetHeader(text.padEnd(512)))
  const signed = headers.flatMap(({ signature = '' }) =>
    headers.map(({ md5 = '' }) => signsMd5(signature, md5, officialKeys.header)),
  )
  assert.deepEqual(signed, [true, false, false, true])
  const [first] = headers
  for (const wrong of ['', 'a', '!', 'a'.repeat(171), '/'.repeat(171), 'a'.repeat(100_000)])
    assert.equal(signsMd5(wrong, first?.md5 ?? '', officialKeys.header), false)
})

test('a set with a wrong signature, a wrong MD5 or a changed file is refused whole', async () => {
  const signed = await makeSet({ signHeader: true })
  await assert.rejects(openSignatureSet('main.cvd', signed), /its signature is not one of ClamAV/)
  await assert.rejects(
    openSignatureSet('main.cld', await makeSet({ signInfo: true })),
    /the signature in its \.info file is not one of ClamAV/,
  )
  assert.match(
    await refusalOf({ header: (text) => text.replace(/:[0-9a-f]{32}:/, `:${'0'.repeat(32)}:`) }),
    /MD5/,
  )
  assert.match(
    await refusalOf({ signHeader: true, header: (text) => text.replace(/[0-9a-f]{32}/, 'X') }),
    /signature/,
  )
  assert.match(
    await refusalOf({ info: (text) => text.replace(/[0-9a-f]{64}/, '0'.repeat(64)) }),
    /is not what/,
  )
  assert.match(
    await refusalOf({ info: (text) => text.replace('main.hdb:', 'other.hdb:') }),
    /which is not in it/,
  )
  assert.match(await refusalOf({ info: (text) => text.replace(/^.*\.ndb:.*\n/m, '') }), /does not name/)
  assert.match(await refusalOf({ info: (text) => text.replace(':7:', ':8:') }), /another version/)
  for (const at of [520, 600, signed.length - 1]) {
    const flipped = signed.slice()
    flipped[at] = (flipped[at] ?? 0) ^ 1
    assert.match(await refusal(flipped), /MD5/)
  }
})

test('a set that is cut, is no set, or holds what no set holds is refused', async () => {
  const whole = await makeSet()
  for (let length = 0; length < whole.length; length += 61) {
    assert.notEqual(await refusal(whole.slice(0, length)), 'taken', `${length} bytes`)
  }
  const plain = await makeSet({ compress: false, header: (text) => text.replace(/[0-9a-f]{32}/, 'X') })
  // Without its MD5: the archive itself has to be whole, up to the blocks of zeros at its end.
  for (let length = 512; length < plain.length - 1024; length += 97) {
    assert.notEqual(await refusal(plain.slice(0, length)), 'taken', `${length} bytes`)
  }
  assert.match(await refusalOf({ header: () => 'MZ' }), /does not begin/)
  assert.match(await refusalOf({ header: (text) => `${text}:more` }), /fields/)
  assert.match(await refusalOf({ header: (text) => text.replace(':7:', ':x:') }), /no version/)
  assert.match(await refusalOf({ more: [{ name: '../main.ndb' }] }), /a name that none has/)
  assert.match(await refusalOf({ more: [{ name: 'link.ndb', type: 'symlink' }] }), /plain file/)
  assert.match(await refusalOf({ more: [{ name: 'main.hdb' }] }), /twice/)
  assert.match(await refusalOf({ more: [{ name: 'second.info' }] }), /one \.info file/)
  const many = Array.from({ length: 1001 }, (_, index) => ({ name: `${index}.hdb` }))
  assert.match(await refusalOf({ more: many }), /more than 1000 files/)
})

test('a set that unpacks to more than sets do is refused before it fills the memory', async () => {
  const bomb = joined('ClamAV-VDB:x:7:3:90:X:X:tester:1', gzipSync(Buffer.alloc(24 * 1024 * 1024)))
  assert.ok(bomb.length < 100_000)
  assert.match(await refusal(bomb), /unpacks to more than 16777216 bytes/)
})

test('whatever is changed in a set, it is taken or refused', async () => {
  const plain = await makeSet({ compress: false, header: (text) => text.replace(/[0-9a-f]{32}/, 'X') })
  let state = 2511
  const whole = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const said = { taken: 0, refused: 0 }
  for (let round = 0; round < ROUNDS; round += 1) {
    const changed = plain.slice()
    for (let count = 0; count <= whole(3); count += 1) {
      // Headers of the archive rather than what is in its files.
      const at =
        round % 2 === 0 ? whole(changed.length) : 512 + 512 * whole(changed.length / 512 - 1) + whole(160)
      changed[at] = round % 3 === 0 ? 0x30 + whole(8) : whole(256)
    }
    const bytes = round % 4 === 0 ? joined(headerOf(changed), gzipSync(changed.subarray(512))) : changed
    if ((await refusal(bytes)) === 'taken') said.taken += 1
    else said.refused += 1
  }
  assert.ok(said.taken > 0 && said.refused > ROUNDS / 2, JSON.stringify(said))
})

const headerOf = (bytes: Uint8Array) => Buffer.from(bytes.subarray(0, 512)).toString('latin1')

const sigtoolMissing = spawnSync('sigtool', ['--version']).status === 0 ? false : 'sigtool is not installed'

test('a set that sigtool built is opened', { skip: sigtoolMissing }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-set-'))
  try {
    writeFileSync(join(folder, 'COPYING'), 'Free to copy.\n')
    for (const [name, text] of Object.entries({ ...someFiles, 'main.ndb': 'Test.Good:0:*:6162636465\n' }))
      writeFileSync(join(folder, name), text)
    const options = ['--build=main.cud', '--unsigned', '--cvd-version=9', '--no-cdiff', `--datadir=${folder}`]
    const env = { ...process.env, SIGNDUSER: 'tester' }
    const built = spawnSync('sigtool', options, { cwd: folder, env, encoding: 'utf8' })
    assert.equal(built.status, 0, built.stderr)
    const set = await openSignatureSet('main.cud', readFileSync(join(folder, 'main.cud')))
    assert.equal(set.header.version, 9)
    assert.deepEqual(set.verification, { outcome: 'unverified', reason: 'it carries no signature' })
    assert.deepEqual(Object.keys(textsIn(set)), ['main.cud/main.hdb', 'main.cud/main.ndb'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
