import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { DescriptorListener } from './descriptor-listener.ts'
import { DescriptorSocket } from './descriptor-socket.ts'
import { addressOf, calls } from './system-calls.ts'

const isRoot = process.getuid?.() === 0
const folder = mkdtempSync(join(tmpdir(), 'coreward-socket-'))
after(() => rmSync(folder, { recursive: true }))

const openDescriptors = () => readdirSync('/proc/self/fd').length
const closed = (socket: DescriptorSocket) =>
  new Promise<unknown>((resolve) => socket.start({ onMessage: () => {}, onClose: resolve }))
const message = (socket: DescriptorSocket) =>
  new Promise<{ text: string; descriptor: number | undefined }>((resolve) =>
    socket.start({
      onMessage: (bytes, [descriptor]) => resolve({ text: Buffer.from(bytes).toString(), descriptor }),
      onClose: () => {},
    }),
  )

describe('descriptor sockets', { skip: process.platform !== 'linux' && 'Linux only' }, () => {
  test('a file that has been unlinked can still be read through its passed descriptor', async () => {
    const path = join(folder, 'gone')
    writeFileSync(path, 'still here')
    const fd = openSync(path, 'r')
    unlinkSync(path)
    const [left, right] = DescriptorSocket.pair()
    const arrived = message(right)
    await left.send(Buffer.from('take this'), [fd])
    closeSync(fd)
    const { text, descriptor } = await arrived
    assert.equal(text, 'take this')
    const buffer = Buffer.alloc(10)
    readSync(descriptor as number, buffer, 0, 10, 0)
    assert.equal(buffer.toString(), 'still here')
    closeSync(descriptor as number)
    left.close()
    right.close()
  })

  test('ten thousand messages of 1 to 64 descriptors leave none open, through full buffers and in order', async () => {
    const before = openDescriptors()
    const [left, right] = DescriptorSocket.pair()
    const fd = openSync('/dev/null', 'r')
    let received = 0
    const all = new Promise<void>((resolve) =>
      right.start({
        onMessage(bytes, descriptors) {
          assert.equal(Buffer.from(bytes).toString(), `n${received}`)
          assert.equal(descriptors.length, 1 + (received % 64))
          for (const descriptor of descriptors) closeSync(descriptor)
          received += 1
          if (received === 10_000) resolve()
        },
        onClose: () => {},
      }),
    )
    for (let at = 0; at < 10_000; at += 500) {
      const batch = Array.from({ length: 500 }, (_, index) =>
        left.send(
          Buffer.from(`n${at + index}`),
          Array.from({ length: 1 + ((at + index) % 64) }, () => fd),
        ),
      )
      await Promise.all(batch)
    }
    await all
    closeSync(fd)
    left.close()
    right.close()
    assert.equal(openDescriptors(), before)
  })

  test('a message with more descriptors than are allowed ends the connection and leaks none of them', async () => {
    const pair = Buffer.alloc(8)
    assert.equal(calls.socketpair(1, 5 | 0o2000000 | 0o4000, 0, pair), 0)
    const [raw, other] = [pair.readInt32LE(0), pair.readInt32LE(4)]
    const socket = new DescriptorSocket(other)
    const ended = closed(socket)
    const before = openDescriptors()
    // msghdr, iovec and a control message with 65 descriptors, by hand.
    const bytes = Buffer.alloc(512)
    const base = addressOf(bytes)
    bytes.writeBigUInt64LE(base + 64n, 16)
    bytes.writeBigUInt64LE(1n, 24)
    bytes.writeBigUInt64LE(base + 96n, 32)
    bytes.writeBigUInt64LE(280n, 40)
    bytes.writeBigUInt64LE(base + 400n, 64)
    bytes.writeBigUInt64LE(1n, 72)
    bytes.writeBigUInt64LE(276n, 96)
    bytes.writeInt32LE(1, 104)
    bytes.writeInt32LE(1, 108)
    for (let at = 112; at < 372; at += 4) bytes.writeInt32LE(2, at)
    assert.equal(calls.sendmsg(raw, bytes.subarray(0, 56), 0), 1)
    assert.match(String(await ended), /more descriptors/)
    closeSync(raw)
    assert.equal(openDescriptors(), before - 2)
  })

  test('closing one end wakes the other, and a closed socket refuses to send', async () => {
    const [left, right] = DescriptorSocket.pair()
    const ended = closed(right)
    left.close()
    assert.equal(await ended, undefined)
    await assert.rejects(left.send(Buffer.from('x')), { code: 'disconnected' })
  })

  test('a message longer than the bound is refused before it is sent', async () => {
    const [left, right] = DescriptorSocket.pair()
    await assert.rejects(left.send(new Uint8Array(65_537)), { code: 'message-too-long' })
    await assert.rejects(left.send(Buffer.from('x'), new Array(65).fill(0)), { code: 'message-too-long' })
    left.close()
    right.close()
  })

  test('a process with an open, idle socket ends when it wants to', () => {
    const code = `
      import { DescriptorSocket } from ${JSON.stringify(new URL('./descriptor-socket.ts', import.meta.url).href)}
      const [left, right] = DescriptorSocket.pair()
      right.start({ onMessage() {}, onClose() {} })
      setTimeout(() => process.exit(7), 20)`
    const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { timeout: 20_000 })
    assert.equal(status, 7)
  })

  test('a listener replaces a dead socket file, not a living one, and says when the path is too long', async () => {
    const path = join(folder, 'listen.sock')
    const options = {
      path,
      allowedUids: [process.getuid?.() ?? 0],
      onConnection: (socket: DescriptorSocket) => socket.close(),
    }
    const first = new DescriptorListener(options)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.throws(() => new DescriptorListener(options), { code: 'exists' })
    first.close()
    assert.throws(() => DescriptorSocket.connect(path), { code: 'disconnected' })
    const second = new DescriptorListener(options)
    await closed(DescriptorSocket.connect(path))
    second.close()
    assert.throws(() => DescriptorSocket.connect(join(folder, 'none')), { code: 'missing' })
    const long = { ...options, path: join(folder, 'x'.repeat(120)) }
    assert.throws(() => new DescriptorListener(long), {
      code: 'path-too-long',
      message: /choose a shorter folder/,
    })
  })

  test('another user gets a private file by its descriptor, and a user that is not allowed is cut off', {
    skip: !isRoot && 'needs root',
  }, async () => {
    chmodSync(folder, 0o711)
    const secret = join(folder, 'secret')
    writeFileSync(secret, 'for your eyes', { mode: 0o600 })
    const path = join(folder, 'other.sock')
    const refused: number[] = []
    const fd = openSync(secret, 'r')
    const listener = new DescriptorListener({
      path,
      allowedUids: [64_961],
      mode: 0o666,
      onConnection: (socket) => void socket.send(Buffer.from('read'), [fd]),
      onRefused: (uid) => refused.push(uid),
    })
    // Load, then drop: the code may lie where the other user cannot read it.
    const code = (uid: number) => `
      import { readFileSync, readSync } from 'node:fs'
      import { DescriptorSocket } from ${JSON.stringify(new URL('./descriptor-socket.ts', import.meta.url).href)}
      import { dropPrivileges } from ${JSON.stringify(new URL('./privileges.ts', import.meta.url).href)}
      dropPrivileges(${uid}, ${uid})
      let direct = 'opened'
      try { readFileSync(${JSON.stringify(secret)}) } catch (error) { direct = error.code }
      DescriptorSocket.connect(${JSON.stringify(path)}).start({
        onMessage(message, [descriptor]) {
          const buffer = Buffer.alloc(100)
          console.log(direct, buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, 100, 0)))
          process.exit(0)
        },
        onClose() { console.log(direct, 'cut off') },
      })`
    const run = async (uid: number) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', code(uid)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let text = ''
      for await (const chunk of child.stdout) text += chunk
      return text.trim()
    }
    assert.equal(await run(64_961), 'EACCES for your eyes')
    assert.equal(await run(64_962), 'EACCES cut off')
    assert.deepEqual(refused, [64_962])
    closeSync(fd)
    listener.close()
  })
})
