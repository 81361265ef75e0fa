import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectPlain, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, test } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import {
  type CertificateWithKey,
  createAuthority,
  createRequest,
  issueClientCertificate,
  issueServerCertificate,
} from '@coreward/trust'
import { Hono } from 'hono'
import type { HttpEnvironment } from './connection.ts'
import { type Listener, listen } from './listener.ts'

const host = '127.0.0.1'
const authority = await createAuthority({ name: 'Coreward test', days: 30 })
const foreign = await createAuthority({ name: 'Coreward test', days: 30 })
const issue = () => issueServerCertificate(authority, { names: ['localhost', host], days: 1 })
const tlsOf = (certificate: CertificateWithKey) => ({
  cert: certificate.certificatePem,
  key: certificate.privateKeyPem,
  ca: authority.certificatePem,
  requestCert: true,
  rejectUnauthorized: false,
  minVersion: 'TLSv1.3' as const,
})
async function clientCertificate(by: CertificateWithKey, hours = 1, now = new Date()) {
  const { csrPem, privateKeyPem } = await createRequest()
  return { cert: await issueClientCertificate(by, csrPem, { agentId: 'a', hours, now }), key: privateKeyPem }
}

/** Tells a caller what is known of the connection, in one line. */
const app = new Hono<HttpEnvironment>()
app.get('/', (context) => {
  const { address, secure, certificate } = context.env.connection
  const shown = certificate && (certificate.trusted ? 'trusted' : certificate.reason)
  return context.text(`${address} ${secure} ${shown}`)
})
app.get('/slow', async (context) => {
  await new Promise((done) => setTimeout(done, 300))
  return context.text('late')
})

const failures: Error[] = []
const options = {
  name: 'The test’s listener',
  option: '--test-port',
  host,
  port: 0,
  onFailure: (error: Error) => void failures.push(error),
}
let listener: Listener
let sockets: Socket[] = []
beforeEach(async () => {
  listener = await listen(app, { ...options, tls: tlsOf(await issue()) })
})
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets = []
  await listener.close(100)
  assert.deepEqual(failures, [])
})

async function shake(parts: object = {}): Promise<TLSSocket> {
  const socket = connect({ host, port: listener.port, ca: authority.certificatePem, ...parts })
  sockets.push(socket)
  await once(socket, 'secureConnect')
  return socket
}

/** The answer's body to a request on a connection that is closed after it. */
async function ask(socket: Socket, request = 'GET / HTTP/1.1'): Promise<string> {
  socket.write(`${request}\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)
  return (await text(socket)).split('\r\n\r\n')[1] ?? ''
}

test('a client certificate is told as OpenSSL saw it: ours, another’s, past its time, or none', async () => {
  const past = new Date(Date.now() - 7_200_000)
  const cases = [
    [{}, 'undefined'],
    [await clientCertificate(authority), 'trusted'],
    [await clientCertificate(foreign), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    [await clientCertificate(authority, 1, past), 'CERT_HAS_EXPIRED'],
  ] as const
  for (const [parts, expected] of cases)
    assert.match(await ask(await shake(parts)), new RegExp(`^127\\.0\\.0\\.1 true (?:${expected})$`))
})

test('a resumed TLS session shows the certificate that began it', async () => {
  const parts = await clientCertificate(authority)
  const first = await shake(parts)
  const session = new Promise<Buffer>((done) => first.once('session', done))
  assert.match(await ask(first), / trusted$/)
  const second = await shake({ ...parts, session: await session })
  assert.ok(second.isSessionReused())
  assert.match(await ask(second), / trusted$/)
})

test('TLS before version 1.3 is refused', async () => {
  await assert.rejects(shake({ maxVersion: 'TLSv1.2' }), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' })
  assert.equal((await shake()).getProtocol(), 'TLSv1.3')
})

test('a renewed certificate is shown to whoever connects next, and cuts nobody off', async () => {
  const before = await shake()
  const fresh = await issue()
  listener.setTls(tlsOf(fresh))
  const after = await shake(await clientCertificate(authority))
  const serial = (socket: TLSSocket) => socket.getPeerCertificate().serialNumber
  assert.notEqual(serial(after), serial(before))
  assert.match(await ask(before), / undefined$/)
  // The rest holds as before: a certificate is asked for, and nothing older is spoken.
  assert.match(await ask(after), / trusted$/)
  await assert.rejects(shake({ maxVersion: 'TLSv1.2' }), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' })
})

test('a listener that closes lets a request finish, and waits no longer than told for who says nothing', async () => {
  const slow = ask(await shake(), 'GET /slow HTTP/1.1')
  await new Promise((done) => setTimeout(done, 50))
  const silent = connectPlain({ host, port: listener.port })
  sockets.push(silent)
  await once(silent, 'connect')
  const idle = await shake()
  silent.on('error', () => undefined)
  idle.on('error', () => undefined)
  const began = performance.now()
  await listener.close(1000)
  const took = performance.now() - began
  assert.equal(await slow, 'late')
  assert.ok(took < 1500, `${took} ms`)
  await assert.rejects(shake(), { code: 'ECONNREFUSED' })
})

test('requests that are not HTTP, or not quite, are refused, and the listener serves on', async () => {
  const raw = async (bytes: string) => {
    const socket = await shake()
    socket.end(bytes)
    return text(socket).catch((error: NodeJS.ErrnoException) => error.code ?? '')
  }
  for (const bytes of [
    'hello\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    'GET / HTTP/1.1\r\nhost: a b\r\n\r\n',
    'GET / HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n',
    'GET http://[ HTTP/1.1\r\nhost: x\r\n\r\n',
    'GET //x HTTP/1.1\r\nhost: x\r\n\r\n',
    'OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n',
    'CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n',
    'GET / HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
    `GET / HTTP/1.1\r\nhost: x\r\nlong: ${'x'.repeat(20_000)}\r\n\r\n`,
    `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
    '\u0000\u0001\u0002',
  ])
    assert.doesNotMatch(await raw(bytes), /^HTTP\/1\.1 5/, JSON.stringify(bytes.slice(0, 60)))
  const plain = connectPlain({ host, port: listener.port })
  plain.end('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  assert.doesNotMatch(await text(plain).catch(() => ''), /200/)
  assert.match(await ask(await shake()), / undefined$/)
})

test('an address that cannot be had is told with the listener, the port and the option that changes it', async () => {
  await assert.rejects(listen(app, { ...options, port: listener.port }), {
    code: 'port-in-use',
    message: `The test’s listener cannot listen on ${host} port ${listener.port}: another program has that port. Stop it, or choose another with --test-port.`,
  })
  await assert.rejects(listen(app, { ...options, host: '192.0.2.1' }), {
    code: 'address-unavailable',
    message: /192\.0\.2\.1 port 0 \(EADDRNOTAVAIL\): give an address of this machine/,
  })
})
