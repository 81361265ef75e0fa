import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathsBelow, readExtendedAttributes, setFileTimes, writeExtendedAttribute } from '@coreward/host'
import type { QuarantineReason } from '../verbs/quarantine-item.ts'
import { identityOf } from './open-file.ts'
import { QuarantineStore } from './quarantine-store.ts'

const isRoot = process.getuid?.() === 0

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'coreward-quarantine-')))
})
afterEach(() => rmSync(folder, { recursive: true }))

const store = () => QuarantineStore.open(pathsBelow(join(folder, 'data')))
const held = () =>
  readdirSync(join(folder, 'data/agent/quarantine')).filter((name) => !name.endsWith('.age-key'))

function reasonFor(path: string): QuarantineReason {
  return {
    identity: identityOf(lstatSync(path, { bigint: true })),
    sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
    signature: 'Test.Signature',
    severity: 'high',
    category: 'test',
    innerPath: null,
    detectionId: null,
    definitionsVersion: '1',
  }
}

function plant(name = 'bad', content: string | Uint8Array = 'bad content'): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

describe('quarantine', { skip: process.platform !== 'linux' && 'Linux only' }, () => {
  test('a file goes in encrypted and comes back with content, mode, owner, times and attributes', async () => {
    const content = randomBytes(300_000)
    const path = plant('bad', content)
    const fd = openSync(path, 'r+')
    const attribute = { name: 'user.coreward', value: Uint8Array.from([1, 0, 2]) }
    const hasAttributes = writeExtendedAttribute(fd, attribute) === undefined
    closeSync(fd)
    chmodSync(path, isRoot ? 0o4751 : 0o751)
    if (isRoot) {
      execFileSync('chown', ['12345:23456', path])
      chmodSync(path, 0o4751)
    }
    const again = openSync(path, 'r+')
    setFileTimes(again, 1_600_000_000_123_456_789n, 1_500_000_000_987_654_321n)
    closeSync(again)
    const before = statSync(path, { bigint: true })

    const quarantine = await store()
    const item = await quarantine.add(path, reasonFor(path))
    assert.equal(existsSync(path), false)
    assert.deepEqual(held().sort(), [`${item.id}.age`, `${item.id}.json`])
    const container = readFileSync(join(folder, 'data/agent/quarantine', `${item.id}.age`))
    assert.equal(container.subarray(0, 21).toString(), 'age-encryption.org/v1')
    assert.equal(container.includes(content.subarray(0, 32)), false)
    assert.equal(statSync(join(folder, 'data/agent/quarantine')).mode & 0o777, 0o700)

    // Another process opens the same folder.
    const reopened = await store()
    assert.deepEqual(reopened.items(), [item])
    assert.deepEqual(reopened.recovery, [])
    assert.deepEqual(await reopened.restore(item.id, {}), { path, lostAttributes: [] })
    const after = statSync(path, { bigint: true })
    for (const name of ['mode', 'uid', 'gid', 'size', 'mtimeNs'] as const)
      assert.equal(after[name], before[name], name)
    assert.equal(after.atimeNs, BigInt(item.atimeNs))
    assert.deepEqual(readFileSync(path), content)
    if (hasAttributes) {
      const restored = openSync(path, 'r')
      assert.deepEqual(
        readExtendedAttributes(restored).filter(({ name }) => name === attribute.name),
        [attribute],
      )
      closeSync(restored)
    }
    assert.deepEqual(held(), [])
    assert.deepEqual(reopened.items(), [])
  })

  test('an empty file and a name that is not UTF-8 go in and come back', async () => {
    const bytes = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])])
    writeFileSync(bytes, '')
    const quarantine = await store()
    const path = `${folder}/\udcff\udcfe`
    const reason = {
      ...reasonFor(plant('empty', '')),
      identity: identityOf(lstatSync(bytes, { bigint: true })),
    }
    const item = await quarantine.add(path, reason)
    assert.equal(existsSync(bytes), false)
    assert.equal((await store()).items()[0]?.path, path)
    await quarantine.restore(item.id, {})
    assert.equal(existsSync(bytes), true)
  })

  test('a file that was replaced, or changed, since its scan stays where it is', async () => {
    const path = plant()
    const reason = reasonFor(path)
    renameSync(plant('other', 'innocent!!!'), path)
    const quarantine = await store()
    await assert.rejects(quarantine.add(path, reason), { code: 'changed' })
    assert.equal(readFileSync(path, 'utf8'), 'innocent!!!')
    const wrongHash = { ...reasonFor(path), sha256: '0'.repeat(64) }
    await assert.rejects(quarantine.add(path, wrongHash), { code: 'changed' })
    assert.equal(readFileSync(path, 'utf8'), 'innocent!!!')
    assert.deepEqual(held(), [])
  })

  test('a file replaced while it is copied is not deleted', async () => {
    const path = plant('bad', randomBytes(4_000_000))
    const innocent = plant('innocent', 'innocent')
    const quarantine = await store()
    const adding = quarantine.add(path, reasonFor(path))
    renameSync(innocent, path)
    await assert.rejects(adding, { code: 'changed' })
    assert.equal(readFileSync(path, 'utf8'), 'innocent')
    assert.deepEqual(held(), [])
  })

  test('a link is not followed, and a missing file is missing', async () => {
    const path = plant()
    const link = join(folder, 'link')
    symlinkSync(path, link)
    const quarantine = await store()
    await assert.rejects(quarantine.add(link, reasonFor(path)), { code: 'wrong-kind' })
    await assert.rejects(quarantine.add(join(folder, 'none'), reasonFor(path)), { code: 'missing' })
    assert.equal(existsSync(path), true)
  })

  test('a folder that became a link is not followed by a restore', async () => {
    mkdirSync(join(folder, 'home'))
    mkdirSync(join(folder, 'system'))
    const path = plant('home/bad')
    const quarantine = await store()
    const item = await quarantine.add(path, reasonFor(path))
    rmSync(join(folder, 'home'), { recursive: true })
    symlinkSync(join(folder, 'system'), join(folder, 'home'))
    await assert.rejects(quarantine.restore(item.id, {}), { code: 'wrong-kind' })
    assert.deepEqual(readdirSync(join(folder, 'system')), [])
    assert.equal(quarantine.items().length, 1)
  })

  test('a restore never overwrites unless told, names a missing folder, and can go elsewhere', async () => {
    mkdirSync(join(folder, 'a'))
    const path = plant('a/bad')
    const quarantine = await store()
    const item = await quarantine.add(path, reasonFor(path))
    writeFileSync(path, 'standing')
    await assert.rejects(quarantine.restore(item.id, {}), { code: 'exists' })
    assert.equal(readFileSync(path, 'utf8'), 'standing')
    rmSync(join(folder, 'a'), { recursive: true })
    await assert.rejects(quarantine.restore(item.id, {}), { code: 'missing' })
    assert.deepEqual(readdirSync(folder), ['data'])
    const elsewhere = plant('elsewhere', 'overwritten')
    await quarantine.restore(item.id, { to: elsewhere, overwrite: true })
    assert.equal(readFileSync(elsewhere, 'utf8'), 'bad content')
    await assert.rejects(quarantine.restore(item.id, {}), { code: 'quarantine-unknown' })
  })

  test('another name of the file keeps its content, and the item says there was one', async () => {
    const path = plant()
    linkSync(path, join(folder, 'second'))
    const item = await (await store()).add(path, reasonFor(path))
    assert.equal(item.links, 2)
    assert.equal(readFileSync(join(folder, 'second'), 'utf8'), 'bad content')
  })

  test('a container that was altered is refused, and nothing is restored', async () => {
    const path = plant()
    const quarantine = await store()
    const item = await quarantine.add(path, reasonFor(path))
    const container = join(folder, 'data/agent/quarantine', `${item.id}.age`)
    const bytes = readFileSync(container)
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    writeFileSync(container, bytes)
    await assert.rejects(quarantine.restore(item.id, {}), { code: 'quarantine-damaged' })
    await assert.rejects(
      quarantine.lend(item.id, async () => {}),
      { code: 'quarantine-damaged' },
    )
    assert.deepEqual(readdirSync(folder), ['data'])
  })

  test('an item is lent as a descriptor of its content and deleted for good', async () => {
    const path = plant()
    const quarantine = await store()
    const item = await quarantine.add(path, reasonFor(path))
    const content = await quarantine.lend(item.id, async (fd, size) => {
      const bytes = Buffer.alloc(size)
      readSync(fd, bytes, 0, size, 0)
      return bytes.toString()
    })
    assert.equal(content, 'bad content')
    await quarantine.remove(item.id)
    assert.deepEqual(held(), [])
    await assert.rejects(quarantine.remove(item.id), { code: 'quarantine-unknown' })
  })

  test('a full disk is said, and the file stays in its place', {
    skip: !isRoot && 'needs root to mount a small disk',
  }, async (context) => {
    const small = join(folder, 'data')
    mkdirSync(small)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small], { stdio: 'ignore' })
    } catch {
      return context.skip('this machine does not let a small disk be mounted')
    }
    try {
      const path = plant('bad', randomBytes(1_000_000))
      const quarantine = await store()
      await assert.rejects(quarantine.add(path, reasonFor(path)), { code: 'disk-full', message: /free some/ })
      assert.equal(statSync(path).size, 1_000_000)
      assert.deepEqual(held(), [])
    } finally {
      execFileSync('umount', [small])
    }
  })

  test('killed at any moment, either the file is in its place or a complete item is there', {
    timeout: 300_000,
  }, async () => {
    const code = `
      import { QuarantineStore } from ${JSON.stringify(new URL('./quarantine-store.ts', import.meta.url).href)}
      import { pathsBelow } from ${JSON.stringify(import.meta.resolve('@coreward/host'))}
      const store = await QuarantineStore.open(pathsBelow(${JSON.stringify(join(folder, 'data'))}))
      process.on('message', async ({ path, reason, restore }) => {
        process.send('begun')
        if (restore) await store.restore(restore, {})
        else await store.add(path, reason)
        process.send('done')
      })
      process.send('ready')`
    const content = randomBytes(500_000)
    const path = join(folder, 'bad')
    const outcomes = { inPlace: 0, item: 0, both: 0 }
    let longest = 40
    for (let round = 0; round < 24; round++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      })
      const next = () => new Promise<unknown>((resolve) => child.once('message', resolve))
      const gone = new Promise((resolve) => child.once('exit', resolve))
      await next()
      const item = (await store()).items()[0]
      if (item === undefined) writeFileSync(path, content)
      const begun = next()
      const started = Date.now()
      child.send(item === undefined ? { path, reason: reasonFor(path) } : { restore: item.id })
      await begun
      let isDone = false
      const done = next().then(() => {
        isDone = true
        longest = Math.max(10, Date.now() - started)
      })
      // Spread over the whole length that the work takes on this machine, and a little past its end.
      await Promise.race([
        sleep(Math.random() * longest * 1.1),
        done.then(() => sleep(1e6, undefined, { ref: false })),
      ])
      child.kill('SIGKILL')
      await gone
      // A busy machine takes longer than was thought.
      if (!isDone) longest *= 1.2

      const recovered = await store()
      const [kept] = recovered.items()
      const isInPlace = existsSync(path)
      assert.ok(isInPlace || kept !== undefined, `round ${round}: the file is lost`)
      if (isInPlace)
        assert.ok(readFileSync(path).equals(content), `round ${round}: the file in place is in part`)
      if (kept !== undefined) {
        assert.equal(await recovered.lend(kept.id, async (_, size) => size), content.length)
        // A kill between a restore's rename and its end leaves both.
        if (isInPlace) rmSync(path)
      }
      assert.deepEqual(held().length, kept === undefined ? 0 : 2, `round ${round}: leftovers ${held()}`)
      assert.deepEqual((await store()).recovery, [])
      assert.deepEqual(
        readdirSync(folder).filter((name) => name !== 'bad' && name !== 'data'),
        [],
      )
      outcomes[isInPlace ? (kept === undefined ? 'inPlace' : 'both') : 'item'] += 1
    }
    assert.ok(outcomes.inPlace > 0 && outcomes.item > 0, JSON.stringify(outcomes))
  })
})
