import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import { createRequest } from './certificate-request.ts'
import { openRequest } from './opened-request.ts'
import { x509 } from './x509.ts'

test('a request has the name, the key and a signature by it, as another implementation reads them', async () => {
  for (const agentId of ['a', 'b'.repeat(64), 'c'.repeat(200)]) {
    const { csrPem, privateKeyPem } = await createRequest({ agentId })
    const read = new x509.Pkcs10CertificateRequest(csrPem)
    assert.equal(read.subject, `CN=${agentId}`)
    assert.equal(read.attributes.length, 0)
    const spki = createPublicKey(createPrivateKey(privateKeyPem)).export({ type: 'spki', format: 'der' })
    assert.deepEqual(Buffer.from(read.publicKey.rawData), spki)
    assert.equal((await openRequest(csrPem)).algorithm.name, 'ECDSA')
  }
})

test('OpenSSL takes a request', async (context) => {
  const { csrPem } = await createRequest()
  const { status, stderr, error } = spawnSync('openssl', ['req', '-verify', '-noout', '-text'], {
    input: csrPem,
    encoding: 'utf8',
  })
  if (error !== undefined) return context.skip('there is no openssl here')
  assert.equal(status, 0, stderr)
  assert.match(stderr, /OK/)
})
