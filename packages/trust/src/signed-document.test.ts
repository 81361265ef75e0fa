import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import {
  exportSigningKey,
  exportVerificationKey,
  generateSigningKey,
  importSigningKey,
  importVerificationKey,
  signDocument,
  type TrustError,
  verifyDocument,
} from './index.ts'

const type = 'coreward.policy+jws'
const key = await generateSigningKey()
const code = (expected: TrustError['code']) => (error: TrustError) => error.code === expected
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

test('a document comes back as it was signed, whatever JSON it holds', async () => {
  for (const payload of [null, 0, '', '日本語 \u0000"', [], {}, { a: [{ b: -1.5e300 }], ключ: true }]) {
    const token = await signDocument(payload, { key, type })
    assert.deepEqual(await verifyDocument(token, { publicKeys: [key], type }), payload)
  }
  await assert.rejects(signDocument(undefined, { key, type }), code('malformed'))
})

test('a document of another type is refused', async () => {
  const token = await signDocument({}, { key, type: 'coreward.command+jws' })
  await assert.rejects(verifyDocument(token, { publicKeys: [key], type }), code('wrong-type'))
})

test('a document by an unknown key is refused', async () => {
  const token = await signDocument({}, { key: await generateSigningKey(), type })
  await assert.rejects(verifyDocument(token, { publicKeys: [key], type }), code('unknown-key'))
  await assert.rejects(verifyDocument(token, { publicKeys: [], type }), code('unknown-key'))
})

test('a key that claims a trusted name still cannot sign for it', async () => {
  const thief = { ...(await generateSigningKey()), keyId: key.keyId }
  const token = await signDocument({}, { key: thief, type })
  await assert.rejects(verifyDocument(token, { publicKeys: [key], type }), code('bad-signature'))
})

test('a changed header, payload or signature is refused', async () => {
  const token = await signDocument({ version: 1 }, { key, type })
  const [header, , signature] = token.split('.')
  const changed = `${header}.${part({ version: 2 })}.${signature}`
  await assert.rejects(verifyDocument(changed, { publicKeys: [key], type }), code('bad-signature'))
  const [, payload] = token.split('.')
  const other = part({ alg: 'EdDSA', typ: type, kid: key.keyId, extra: 1 })
  const rewritten = `${other}.${payload}.${signature}`
  await assert.rejects(verifyDocument(rewritten, { publicKeys: [key], type }), code('bad-signature'))
})

test('no algorithm but EdDSA is accepted: not none, not HMAC with the public key', async () => {
  for (const alg of ['none', 'HS256', 'ES256']) {
    const input = `${part({ alg, typ: type, kid: key.keyId })}.${part({})}`
    const signature = createHmac('sha256', exportVerificationKey(key).x).update(input).digest('base64url')
    await assert.rejects(
      verifyDocument(`${input}.${signature}`, { publicKeys: [key], type }),
      code('bad-algorithm'),
    )
  }
})

test('an over-long document is refused unread, and one that is no document is malformed', async () => {
  const token = await signDocument('x'.repeat(200), { key, type })
  await assert.rejects(verifyDocument(token, { publicKeys: [key], type, maxBytes: 100 }), code('too-large'))
  for (const text of ['', 'a', 'a.b', 'a.b.c', '....', '{}', token.slice(1)])
    await assert.rejects(verifyDocument(text, { publicKeys: [key], type }), code('malformed'))
})

test('keys are the same after they were written and read, and are named by RFC 7638', async () => {
  const read = await importSigningKey(exportSigningKey(key))
  assert.equal(read.keyId, key.keyId)
  const token = await signDocument(1, { key: read, type })
  const known = await importVerificationKey(JSON.parse(JSON.stringify(exportVerificationKey(key))))
  assert.equal(await verifyDocument(token, { publicKeys: [known], type }), 1)
  // RFC 8037 appendix A.3 gives this key and its thumbprint.
  const example = await importVerificationKey({
    kty: 'OKP',
    crv: 'Ed25519',
    x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  })
  assert.equal(example.keyId, 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
})

test('a key of another kind, or none, is refused', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  await assert.rejects(importSigningKey(pem), code('bad-algorithm'))
  await assert.rejects(importSigningKey('no key'), code('malformed'))
  await assert.rejects(importVerificationKey('no key'), code('malformed'))
})
