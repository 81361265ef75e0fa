import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, readdirSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { DescriptorListener, DescriptorSocket } from '@coreward/host'
import * as z from 'zod/mini'
import { ChannelClient, MAX_OUTSTANDING } from './channel-client.ts'
import { serveConnection } from './channel-server.ts'
import type { Contract } from './contract.ts'
import { VerbError } from './verb-error.ts'

const contract = {
  read: { descriptors: 2, params: z.object({ length: z.int() }), result: z.string() },
  count: { params: z.object({ to: z.int() }), part: z.int(), result: z.string() },
  wait: { params: z.object({}), result: z.string() },
  fail: { params: z.object({}), result: z.null() },
  long: { params: z.object({ bytes: z.int() }), result: z.string() },
} as const satisfies Contract

const uid = process.getuid?.() ?? 0
let folder: string
let path: string
let server: { close: () => void }
let client: ChannelClient<typeof contract>

function serve() {
  const sockets: DescriptorSocket[] = []
  const listener = new DescriptorListener({
    path,
    allowedUids: [uid],
    onConnection(socket) {
      sockets.push(socket)
      serveConnection(socket, contract, {
        read: async ({ params, descriptors }) => {
          const bytes = Buffer.alloc(params.length)
          const text = (descriptor: number) =>
            bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, params.length, 0))
          return descriptors.map(text).join()
        },
        async count({ params, answerPart }) {
          for (let at = 1; at <= params.to; at += 1) {
            await sleep(8)
            answerPart(at === 13 ? ('not a number' as never) : at)
          }
          return 'done'
        },
        wait: ({ signal }) =>
          new Promise((resolve) => signal.addEventListener('abort', () => resolve('cancelled'))),
        fail: async () => {
          throw new VerbError('disk-full', 'no room')
        },
        long: async ({ params }) => 'x'.repeat(params.bytes),
      })
    },
  })
  return {
    close() {
      listener.close()
      for (const socket of sockets) socket.close()
    },
  }
}

describe('a channel between our processes', { skip: process.platform !== 'linux' && 'Linux only' }, () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'coreward-channel-'))
    path = join(folder, 'channel.sock')
    server = serve()
    client = new ChannelClient(contract, { path, peerUids: [uid], gone: 'scanner-gone' })
  })
  afterEach(() => {
    client.close()
    server.close()
    rmSync(folder, { recursive: true })
  })

  test('descriptors go along with a request in their order and are closed once it is answered', async () => {
    writeFileSync(join(folder, 'file'), 'hello')
    const fd = openSync(join(folder, 'file'), 'r')
    assert.equal(await client.call('read', { length: 5 }, { descriptors: [fd] }), 'hello')
    writeFileSync(join(folder, 'other'), 'world')
    const other = openSync(join(folder, 'other'), 'r')
    assert.equal(await client.call('read', { length: 5 }, { descriptors: [fd, other] }), 'hello,world')
    closeSync(other)
    const before = readdirSync('/proc/self/fd').length
    const many = Array.from({ length: 200 }, () => client.call('read', { length: 5 }, { descriptors: [fd] }))
    assert.ok((await Promise.all(many)).every((text) => text === 'hello'))
    assert.equal(readdirSync('/proc/self/fd').length, before)
    closeSync(fd)
  })

  test('failures keep their code; wrong requests, a missing or an unasked descriptor are malformed', async () => {
    await assert.rejects(client.call('fail', {}), {
      name: 'VerbError',
      code: 'disk-full',
      message: 'no room',
    })
    await assert.rejects(client.call('read', { length: 5 }), { code: 'malformed' })
    const fd = openSync('/dev/null', 'r')
    await assert.rejects(client.call('fail', {}, { descriptors: [fd] }), { code: 'malformed' })
    await assert.rejects(client.call('read', { length: 5 }, { descriptors: [fd, fd, fd] }), {
      code: 'malformed',
    })
    await assert.rejects(client.call('long', { bytes: 1.5 }), { code: 'malformed' })
    closeSync(fd)
  })

  test('an answer comes in parts, each of which gives the next one its time; a wrong part fails the call', async () => {
    const parts: number[] = []
    const onPart = (part: number) => parts.push(part)
    const counted = client.call('count', { to: 12 }, { onPart, timeoutMilliseconds: 60 })
    assert.equal(await counted, 'done')
    assert.deepEqual(
      parts,
      Array.from({ length: 12 }, (_, at) => at + 1),
    )
    await assert.rejects(client.call('count', { to: 13 }, { onPart }), { code: 'malformed' })
    const refuse = () => {
      throw new Error('no more')
    }
    await assert.rejects(client.call('count', { to: 12 }, { onPart: refuse }), /no more/)
  })

  test('an answer longer than a message is a failure, not a silence', async () => {
    await assert.rejects(client.call('long', { bytes: 100_000 }), { code: 'malformed' })
    assert.equal((await client.call('long', { bytes: 60_000 })).length, 60_000)
  })

  test('a cancelled request is told to the server, and one without an answer is given up', async () => {
    const controller = new AbortController()
    const waiting = client.call('wait', {}, { signal: controller.signal })
    controller.abort()
    assert.equal(await waiting, 'cancelled')
    await assert.rejects(client.call('wait', {}, { timeoutMilliseconds: 20 }), { code: 'time-out' })
  })

  test('requests beyond the bound are busy', async () => {
    const controller = new AbortController()
    const waiting = Array.from({ length: MAX_OUTSTANDING }, () =>
      client.call('wait', {}, { signal: controller.signal }),
    )
    await assert.rejects(client.call('fail', {}), { code: 'busy' })
    controller.abort()
    await Promise.all(waiting)
  })

  test('requests under way fail when the peer goes; the next one waits for its return', async () => {
    const waiting = client.call('wait', {})
    await client.call('long', { bytes: 1 })
    server.close()
    await assert.rejects(waiting, { code: 'scanner-gone' })
    await assert.rejects(client.call('fail', {}, { patienceMilliseconds: 0 }), { code: 'scanner-gone' })
    const later = client.call('long', { bytes: 3 })
    server = serve()
    assert.equal(await later, 'xxx')
  })

  test('a socket of a user that is not expected is not talked to', async () => {
    const wary = new ChannelClient(contract, { path, peerUids: [uid + 1], gone: 'guard-gone' })
    await assert.rejects(wary.call('fail', {}), { code: 'guard-gone', message: /not ours/ })
  })

  test('a frame that is none ends the connection', async () => {
    const socket = DescriptorSocket.connect(path)
    const ended = new Promise((resolve) => socket.start({ onMessage() {}, onClose: resolve }))
    await socket.send(Buffer.from('{"id":1,"verb":"fail","params":{},"extra":1}'))
    await ended
  })
})
