import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { connect, createServer, type TLSSocket } from 'node:tls'
import {
  type CertificateWithKey,
  createAuthority,
  createRequest,
  fingerprintOf,
  issueClientCertificate,
  issueServerCertificate,
  parseCertificate,
  type TrustError,
} from './index.ts'
import { exportPrivateKey, x509 } from './x509.ts'

const authority = await createAuthority({ name: 'Coreward test', days: 30 })
const server = await issueServerCertificate(authority, { names: ['localhost', '127.0.0.1', '::1'], days: 1 })
const code = (expected: TrustError['code']) => (error: TrustError) => error.code === expected

async function agentCertificate(agentId = 'agent-1', by = authority): Promise<CertificateWithKey> {
  const { csrPem, privateKeyPem } = await createRequest({ agentId: 'someone-else' })
  return { certificatePem: await issueClientCertificate(by, csrPem, { agentId, hours: 24 }), privateKeyPem }
}

/** Whom the server sees, or the error's code, when a client with this certificate connects. */
async function handshake(client: CertificateWithKey | undefined, serverSide = server): Promise<string> {
  const listener = createServer({
    cert: serverSide.certificatePem,
    key: serverSide.privateKeyPem,
    ca: authority.certificatePem,
    requestCert: true,
    rejectUnauthorized: true,
  })
  // A failed handshake ends the connection; the client's side is what is looked at.
  listener.on('tlsClientError', () => undefined)
  listener.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => undefined)
    socket.end(parseCertificate(socket.getPeerX509Certificate()?.raw ?? '').agentId ?? 'nobody')
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const socket = connect({
    port: (listener.address() as AddressInfo).port,
    host: '127.0.0.1',
    ca: authority.certificatePem,
    ...(client && { cert: client.certificatePem, key: client.privateKeyPem }),
  })
  try {
    let text = ''
    for await (const chunk of socket) text += chunk
    return text === '' ? 'closed' : text
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'error'
  } finally {
    socket.destroy()
    listener.close()
  }
}

describe('over TLS', () => {
  test('an agent is known by the id its certificate was issued for', async () => {
    assert.equal(await handshake(await agentCertificate('agent-1')), 'agent-1')
  })

  test('without a certificate, with a foreign one, or with a server certificate nobody gets in', async () => {
    const foreign = await createAuthority({ name: 'Coreward test', days: 30 })
    for (const client of [undefined, await agentCertificate('agent-1', foreign), server])
      assert.notEqual(await handshake(client), 'agent-1')
    assert.match(await handshake(undefined), /^ERR_SSL|ECONNRESET|closed/)
  })

  test('an agent cannot pass for the server', async () => {
    const agent = await agentCertificate('localhost')
    assert.match(await handshake(await agentCertificate(), agent), /INVALID_PURPOSE|ALTNAME/)
  })

  test('an expired certificate is refused', async () => {
    const { csrPem, privateKeyPem } = await createRequest()
    const now = new Date(Date.now() - 48 * 3_600_000)
    const certificatePem = await issueClientCertificate(authority, csrPem, {
      agentId: 'late',
      hours: 24,
      now,
    })
    assert.notEqual(await handshake({ certificatePem, privateKeyPem }), 'late')
  })
})

describe('issuing', () => {
  test('the authority may sign certificates but no other authority', () => {
    const ca = new x509.X509Certificate(authority.certificatePem)
    const basic = ca.getExtension(x509.BasicConstraintsExtension)
    assert.deepEqual([basic?.ca, basic?.pathLength, basic?.critical], [true, 0, true])
    const usage = ca.getExtension(x509.KeyUsagesExtension)
    assert.equal(usage?.usages, x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign)
  })

  test('names, purpose and time come from the caller, and only the key from the request', async () => {
    const { csrPem, privateKeyPem } = await createRequest({ agentId: 'administrator' })
    const certificate = await issueClientCertificate(authority, csrPem, { agentId: 'agent-7', hours: 24 })
    const details = parseCertificate(certificate)
    assert.equal(details.agentId, 'agent-7')
    assert.equal(details.commonName, 'agent-7')
    assert.ok(details.notAfter.getTime() <= Date.now() + 24 * 3_600_000)
    assert.ok(details.notBefore.getTime() < Date.now())
    assert.doesNotMatch(new X509Certificate(certificate).toString(), /administrator/)
    assert.match(privateKeyPem, /^-----BEGIN PRIVATE KEY-----/)
  })

  test('a server certificate carries its DNS names and addresses, and names no agent', () => {
    const certificate = new X509Certificate(server.certificatePem)
    assert.equal(
      certificate.subjectAltName,
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    )
    assert.equal(parseCertificate(server.certificatePem).agentId, undefined)
  })

  test('no certificate outlives its authority', async () => {
    const { csrPem } = await createRequest()
    const certificate = await issueClientCertificate(authority, csrPem, { agentId: 'a', hours: 24 * 365 })
    assert.deepEqual(
      parseCertificate(certificate).notAfter,
      parseCertificate(authority.certificatePem).notAfter,
    )
  })

  test('names that would mean something else in a certificate are refused', async () => {
    const { csrPem } = await createRequest()
    for (const agentId of ['', 'a,CN=b', 'a\nCN=b', '#04', 'x'.repeat(65), 'a b'])
      await assert.rejects(issueClientCertificate(authority, csrPem, { agentId, hours: 1 }), code('bad-name'))
    for (const name of ['', '#04', 'a, "b"=c'])
      await assert.rejects(createAuthority({ name, days: 1 }), code('bad-name'))
    for (const names of [[], ['a b'], ['-a'], ['http://x']])
      await assert.rejects(issueServerCertificate(authority, { names, days: 1 }), code('bad-name'))
  })

  test('every certificate has its own serial number', async () => {
    const serials = await Promise.all(
      Array.from(
        { length: 20 },
        async () => parseCertificate((await agentCertificate()).certificatePem).serialNumber,
      ),
    )
    assert.equal(new Set(serials).size, 20)
  })
})

describe('a request', () => {
  test('without proof of its key is refused', async () => {
    const [own, other] = await Promise.all([createRequest(), createRequest()])
    const der = (pem: string) => Buffer.from(new Uint8Array(x509.PemConverter.decodeFirst(pem)))
    const request = new x509.Pkcs10CertificateRequest(other.csrPem)
    const key = Buffer.from(new x509.Pkcs10CertificateRequest(own.csrPem).publicKey.rawData)
    const stolen = der(other.csrPem)
    stolen.set(key, stolen.indexOf(Buffer.from(request.publicKey.rawData)))
    const pem = x509.PemConverter.encode(stolen, 'CERTIFICATE REQUEST')
    await assert.rejects(
      issueClientCertificate(authority, pem, { agentId: 'a', hours: 1 }),
      code('bad-signature'),
    )
  })

  test('with a key of another kind is refused', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' }
    const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: 'CN=a',
      keys,
      signingAlgorithm: algorithm,
    })
    await assert.rejects(
      issueClientCertificate(authority, request.toString('pem'), { agentId: 'a', hours: 1 }),
      code('bad-algorithm'),
    )
    assert.match(await exportPrivateKey(keys.privateKey), /PRIVATE KEY/)
  })

  test('that is none, or far too long, is refused', async () => {
    for (const text of [
      '',
      'x',
      authority.certificatePem,
      '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----',
    ])
      await assert.rejects(
        issueClientCertificate(authority, text, { agentId: 'a', hours: 1 }),
        code('malformed'),
      )
    await assert.rejects(
      issueClientCertificate(authority, 'x'.repeat(9000), { agentId: 'a', hours: 1 }),
      code('too-large'),
    )
  })
})

test('a fingerprint is the SHA-256 of the DER form, and nonsense has none', () => {
  const der = new X509Certificate(authority.certificatePem).raw
  assert.equal(fingerprintOf(authority.certificatePem), createHash('sha256').update(der).digest('hex'))
  assert.equal(fingerprintOf(der), fingerprintOf(authority.certificatePem))
  assert.throws(() => fingerprintOf('nonsense'), code('malformed'))
})

test('an authority that cannot be read says so', async () => {
  const { csrPem } = await createRequest()
  for (const broken of [
    { ...authority, privateKeyPem: 'x' },
    { ...authority, certificatePem: 'x' },
  ])
    await assert.rejects(
      issueClientCertificate(broken, csrPem, { agentId: 'a', hours: 1 }),
      code('malformed'),
    )
})
