import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { openKeys, serverCertificate } from './keys.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coreward-keys-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const day = 86_400_000

test('keys are made once, for their owner only, and are the same at the next start', async () => {
  const first = await openKeys(folder)
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  assert.deepEqual(
    new Set(files.map(({ name }) => name)),
    new Set(['authority.key', 'authority.crt', 'documents.pem', 'fleet-id']),
  )
  for (const { parentPath, name } of files)
    assert.equal(statSync(join(parentPath, name)).mode & 0o777, 0o600, name)
  const second = await openKeys(folder)
  assert.equal(second.fleetId, first.fleetId)
  assert.equal(second.authoritySha256, first.authoritySha256)
  assert.deepEqual(second.documentPublicKey, first.documentPublicKey)
})

test('keys that were lost or damaged are told, and no new ones take their place', async () => {
  await openKeys(folder)
  const authority = join(folder, 'ca/authority.key')
  const documents = join(folder, 'keys/documents.pem')
  for (const [path, spoil] of [
    [authority, () => rmSync(authority)],
    [documents, () => writeFileSync(documents, 'nonsense')],
  ] as const) {
    const before = readFileSync(path)
    spoil()
    await assert.rejects(openKeys(folder), {
      code: 'keys-unusable',
      message:
        /^The server’s keys in .* cannot be used \(.*\)\. Restore its folders ca and keys from a backup\.$/s,
    })
    writeFileSync(path, before)
  }
  await openKeys(folder)
})

test('what a kill left while the first keys were made is completed', async () => {
  await openKeys(folder)
  // The key is written before its certificate.
  rmSync(join(folder, 'ca/authority.crt'))
  assert.match((await openKeys(folder)).authority.certificatePem, /BEGIN CERTIFICATE/)
})

test('the listener’s certificate is kept while its names are the same and time is left, and renewed otherwise', async () => {
  const keys = await openKeys(folder)
  const names = ['server.example', '192.0.2.7', 'localhost']
  const first = await serverCertificate(folder, keys, names)
  const certificate = new X509Certificate(first.certificatePem)
  assert.ok(certificate.checkHost('server.example') && certificate.checkIP('192.0.2.7'))
  assert.ok(certificate.verify(new X509Certificate(keys.authority.certificatePem).publicKey))
  assert.deepEqual(await serverCertificate(folder, keys, names), first)
  const more = await serverCertificate(folder, keys, [...names, 'new.example'])
  assert.ok(new X509Certificate(more.certificatePem).checkHost('new.example'))
  const again = await serverCertificate(folder, keys, names)
  const end = new X509Certificate(again.certificatePem).validToDate.getTime()
  assert.deepEqual(await serverCertificate(folder, keys, names, new Date(end - 61 * day)), again)
  const renewed = await serverCertificate(folder, keys, names, new Date(end - 60 * day))
  assert.ok(new X509Certificate(renewed.certificatePem).validToDate.getTime() > end)
})
