import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { createAuthority, issueServerCertificate } from '@coreward/trust'
import { ServerConnection } from './server-connection.ts'

let server: Server
let connection: ServerConnection
let answer: (request: IncomingMessage, response: ServerResponse) => void
let connections = 0

before(async () => {
  const authority = await createAuthority({ name: 'Test fleet', days: 30 })
  const own = await issueServerCertificate(authority, { names: ['127.0.0.1'], days: 7 })
  server = createServer({ cert: own.certificatePem, key: own.privateKeyPem }, (request, response) =>
    answer(request, response),
  )
  server.on('secureConnection', () => (connections += 1)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const serverUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  connection = new ServerConnection({ serverUrl, authority: authority.certificatePem })
})
after(() => {
  connection.destroy()
  server.closeAllConnections()
  server.close()
})

const ask = (more: { timeout?: number; signal?: AbortSignal; body?: string } = {}) =>
  connection.request({ method: 'POST', address: '/x', timeout: 5_000, ...more })
const textOf = async (body: AsyncIterable<Uint8Array>) =>
  Buffer.concat(await Array.fromAsync(body)).toString('utf8')

test('a body goes there and back, and the connection is used again', async () => {
  answer = (request, response) => request.pipe(response)
  for (const body of ['{"ä":1}', '{}']) {
    const { status, body: back } = await ask({ body })
    assert.equal(status, 200)
    assert.equal(await textOf(back), body)
  }
  assert.equal(connections, 1)
})

test('a server that does not begin to answer is given up in time, and one that is asked to be', async () => {
  answer = () => {}
  await assert.rejects(ask({ timeout: 50 }), /did not begin to answer/)
  await assert.rejects(ask({ signal: AbortSignal.timeout(50) }), { name: 'AbortError' })
})

test('a body that breaks off is told, also to whoever reads it late', async () => {
  answer = (_, response) => {
    response.writeHead(200, { 'content-length': 10 })
    response.write('four', () => response.destroy())
  }
  const { body } = await ask()
  await new Promise((resolve) => setTimeout(resolve, 100))
  await assert.rejects(textOf(body), { code: 'ECONNRESET' })
})

test('an answer under way goes on when its connection is retired', async () => {
  let end = () => {}
  answer = (_, response) => {
    response.write('one ')
    end = () => response.end('two')
  }
  const { body } = await ask()
  connection.retire()
  setTimeout(end, 50)
  assert.equal(await textOf(body), 'one two')
})
