import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import {
  createRepository,
  describeRepository,
  type FetchFile,
  openClient,
  publishTargets,
  refreshTimestamp,
  type UpdateError,
} from './index.ts'
import { openRoleKey } from './role-key.ts'
import { metaFile, signMetadata } from './signed-metadata.ts'

const day = 86_400_000
const path = 'definitions/set-1.bin'
const bytes = Buffer.from('the definitions, first edition')

let home: string
let folders: { repositoryFolder: string; offlineKeysFolder: string; onlineKeysFolder: string }
const at = (...names: string[]) => join(home, ...names)

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'coreward-updates-'))
  folders = {
    repositoryFolder: at('repository'),
    offlineKeysFolder: at('offline'),
    onlineKeysFolder: at('online'),
  }
})
afterEach(() => rm(home, { recursive: true, force: true }))

/** Serves a repository's folder from the disk; `change` may alter what is sent for a file. */
function serve(change: (name: string, content: Buffer) => Buffer = (_name, content) => content): FetchFile {
  return async (url) => {
    const name = new URL(url).pathname.slice('/tuf/'.length)
    const file = at('repository', name)
    if (!existsSync(file)) return undefined
    return (async function* () {
      yield change(name, readFileSync(file))
    })()
  }
}

function open(trustedRoot: Uint8Array, fetch: FetchFile = serve()) {
  return openClient({ folder: at('client'), trustedRoot, baseUrl: 'https://server.test/tuf/', fetch })
}

const add = (name = path, content: Uint8Array = bytes) =>
  publishTargets({ ...folders, add: [{ path: name, bytes: content }], keep: 2 })

const code = (expected: UpdateError['code'], subject: RegExp) => (error: UpdateError) => {
  assert.equal(error.code, expected, `${error.code}: ${error.message} (${String(error.cause)})`)
  assert.match(error.message, subject)
  return true
}

describe('publishing', () => {
  test('publishing and updating still work when the offline folder is gone', async () => {
    const root = await createRepository(folders)
    rmSync(folders.offlineKeysFolder, { recursive: true })
    await add()
    await refreshTimestamp(folders)
    const client = await open(root)
    assert.deepEqual((await client.download(path, at('out', 'set'))).length, bytes.length)
    assert.deepEqual(readFileSync(at('out', 'set')), bytes)
  })

  test('keys are for their owner alone, and root and targets keys are only in the offline folder', async () => {
    await createRepository(folders)
    assert.deepEqual((await readdir(folders.offlineKeysFolder)).sort(), ['root.pem', 'targets.pem'])
    assert.deepEqual((await readdir(folders.onlineKeysFolder)).sort(), [
      'definitions.pem',
      'snapshot.pem',
      'timestamp.pem',
    ])
    for (const folder of [folders.offlineKeysFolder, folders.onlineKeysFolder]) {
      assert.equal(statSync(folder).mode & 0o777, 0o700)
      for (const name of await readdir(folder)) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600)
    }
  })

  test('a second repository in the same folder is refused', async () => {
    await createRepository(folders)
    await assert.rejects(createRepository(folders), code('exists', /repository/))
  })

  test('a creation that was killed before its timestamp is completed with the same keys', async () => {
    const first = await createRepository(folders)
    rmSync(at('repository', 'metadata', 'timestamp.json'))
    const second = await createRepository(folders)
    const keys = (root: Buffer) => JSON.parse(root.toString()).signed.keys
    assert.deepEqual(keys(second), keys(first))
    await (await open(second)).refresh()
  })

  test('only the newest targets and the ones in use are kept, and the files of the others go', async () => {
    await createRepository(folders)
    for (let n = 1; n <= 6; n += 1) {
      const now = new Date(Date.now() + n)
      await publishTargets({
        ...folders,
        now,
        add: [{ path: `definitions/${n}`, bytes: Buffer.from(`${n}`), custom: { n } }],
        keep: 2,
        always: ['definitions/1'],
      })
    }
    const { targets } = await describeRepository(folders.repositoryFolder)
    assert.deepEqual(
      targets.map((target) => target.path),
      ['definitions/1', 'definitions/5', 'definitions/6'],
    )
    // One version back stays complete, for clients that are in the middle of an update.
    const files = await readdir(at('repository', 'targets', 'definitions'))
    assert.deepEqual(files.map((name) => name.split('.')[1]).sort(), ['1', '4', '5', '6'])
    assert.equal(targets[1]?.custom.n, 5)
  })

  test('what is published beside a target takes no place of another, and goes with the next publication', async () => {
    const root = await createRepository(folders)
    const pathsOf = async () =>
      (await describeRepository(folders.repositoryFolder)).targets.map((target) => target.path).sort()
    for (let n = 1; n <= 3; n += 1) {
      const beside = ['a', 'b', 'c'].slice(0, 4 - n).map((name) => ({
        path: `definitions/${n}-${name}`,
        bytes: Buffer.from(`${n}${name}`),
      }))
      const added = { path: `definitions/${n}`, bytes: Buffer.from(`${n}`) }
      await publishTargets({ ...folders, now: new Date(Date.now() + n), add: [added], beside, keep: 2 })
      const last = n === 1 ? [] : [`definitions/${n - 1}`]
      assert.deepEqual(await pathsOf(), [...last, added.path, ...beside.map((target) => target.path)].sort())
    }
    const client = await open(root)
    await client.download('definitions/3-a', at('out', 'beside'))
    assert.equal(readFileSync(at('out', 'beside'), 'utf8'), '3a')
  })

  test('a target keeps its bytes: the same again is nothing new, others are refused', async () => {
    await createRepository(folders)
    const before = await add()
    assert.deepEqual((await add()).versions, before.versions)
    await assert.rejects(add(path, Buffer.from('other')), code('exists', /set-1\.bin/))
  })

  test('a target outside what the online key may sign is refused', async () => {
    await createRepository(folders)
    for (const name of ['agent/coreward', 'definitions/../x', 'definitions/a/b', 'definitions/'])
      await assert.rejects(add(name), code('malformed', /target/))
  })

  test('a publication that was killed before its timestamp changes nothing, and the next one succeeds', async () => {
    const root = await createRepository(folders)
    cpSync(at('repository', 'metadata', 'timestamp.json'), at('timestamp.before'))
    await add()
    cpSync(at('timestamp.before'), at('repository', 'metadata', 'timestamp.json'))
    assert.equal(await (await open(root)).targetInfo(path), undefined)
    await add('definitions/set-2.bin')
    const client = await open(root)
    assert.ok(await client.targetInfo('definitions/set-2.bin'))
  })

  test('signatures are renewed before they end, with nothing else changed', async () => {
    const now = new Date(Date.now() - 20 * day)
    const root = await createRepository({ ...folders, now })
    await publishTargets({ ...folders, now, add: [{ path, bytes }], keep: 2 })
    await assert.rejects((await open(root)).refresh(), code('expired', /timestamp\.json/))
    const renewed = await refreshTimestamp(folders)
    assert.ok(renewed.expires.definitions.getTime() > Date.now() + 29 * day)
    assert.equal((await refreshTimestamp(folders)).versions.definitions, renewed.versions.definitions)
    assert.ok(await (await open(root)).targetInfo(path))
  })
})

describe('attacks', () => {
  test('a replayed timestamp is a rollback', async () => {
    const root = await createRepository(folders)
    const old = readFileSync(at('repository', 'metadata', 'timestamp.json'))
    await add()
    await (await open(root)).refresh()
    const replay = serve((name, content) => (name.endsWith('timestamp.json') ? old : content))
    await assert.rejects((await open(root, replay)).refresh(), code('rolled-back', /timestamp\.json/))
  })

  test('an old snapshot under a fresh name is refused', async () => {
    const root = await createRepository(folders)
    await add()
    const old = readFileSync(at('repository', 'metadata', '1.snapshot.json'))
    const mixed = serve((name, content) => (name.endsWith('.snapshot.json') ? old : content))
    await assert.rejects((await open(root, mixed)).refresh(), code('tampered', /2\.snapshot\.json/))
  })

  test('a tampered, a truncated and a longer target are refused, and the old file stays', async () => {
    const root = await createRepository(folders)
    await add()
    mkdirSync(at('out'))
    writeFileSync(at('out', 'set'), 'the set in use')
    const cases = [
      [(content: Buffer) => Buffer.from(content).fill('x', 0, 1), 'tampered'],
      [(content: Buffer) => content.subarray(1), 'tampered'],
      [(content: Buffer) => Buffer.concat([content, content]), 'too-large'],
    ] as const
    for (const [change, expected] of cases) {
      const client = await open(
        root,
        serve((name, content) => (name.startsWith('targets/') ? change(content) : content)),
      )
      await assert.rejects(client.download(path, at('out', 'set')), code(expected, /set-1\.bin/))
      assert.equal(readFileSync(at('out', 'set'), 'utf8'), 'the set in use')
      assert.deepEqual(await readdir(at('out')), ['set'])
    }
  })

  test('a repository with another root is of an unknown signer', async () => {
    await createRepository(folders)
    const foreign = await createRepository({
      repositoryFolder: at('foreign'),
      offlineKeysFolder: at('foreign-offline'),
      onlineKeysFolder: at('foreign-online'),
    })
    await assert.rejects((await open(foreign)).refresh(), code('unknown-signer', /timestamp\.json/))
  })

  test('a next root that the present one did not sign is of an unknown signer', async () => {
    const root = await createRepository(folders)
    const other = { repositoryFolder: at('f'), offlineKeysFolder: at('fo'), onlineKeysFolder: at('fn') }
    const foreign = JSON.parse((await createRepository(other)).toString())
    foreign.signed.version = 2
    writeFileSync(at('repository', 'metadata', '2.root.json'), JSON.stringify(foreign))
    await assert.rejects((await open(root)).refresh(), code('unknown-signer', /2\.root\.json/))
  })

  test('an expired timestamp is refused', async () => {
    const root = await createRepository({ ...folders, now: new Date(Date.now() - 8 * day) })
    await assert.rejects((await open(root)).refresh(), code('expired', /timestamp\.json.*clock/))
  })

  test('an expired snapshot is refused though a thief of the timestamp key signs it anew', async () => {
    const root = await createRepository({ ...folders, now: new Date(Date.now() - 40 * day) })
    const snapshot = readFileSync(at('repository', 'metadata', '1.snapshot.json'))
    const timestamp = signMetadata('timestamp', {
      version: 2,
      now: new Date(),
      key: await openRoleKey(folders.onlineKeysFolder, 'timestamp'),
      body: { meta: { 'snapshot.json': metaFile(1, snapshot) } },
    })
    writeFileSync(at('repository', 'metadata', 'timestamp.json'), timestamp)
    await assert.rejects((await open(root)).refresh(), code('expired', /1\.snapshot\.json/))
  })

  test('metadata without end is cut off', async () => {
    const root = await createRepository(folders)
    const endless = serve((name, content) =>
      name.endsWith('timestamp.json') ? Buffer.alloc(100_000) : content,
    )
    await assert.rejects((await open(root, endless)).refresh(), code('too-large', /timestamp\.json/))
  })

  test('a name that every object answers to is no target', async () => {
    const root = await createRepository(folders)
    await assert.rejects((await open(root)).targetInfo('constructor'), code('malformed', /constructor/))
  })
})

describe('the client', () => {
  test('a target that is already in place is not fetched again', async () => {
    const root = await createRepository(folders)
    await add()
    const fetched: string[] = []
    const from = serve()
    const client = await open(root, (url, maxBytes) => {
      fetched.push(url)
      return from(url, maxBytes)
    })
    await client.download(path, at('set'))
    const count = fetched.length
    await client.download(path, at('set'))
    assert.equal(fetched.length, count)
  })

  test('an unknown target is not found, and a missing file on the server says which', async () => {
    const root = await createRepository(folders)
    await add()
    const client = await open(root)
    await assert.rejects(client.download('definitions/none', at('x')), code('not-found', /definitions\/none/))
    rmSync(at('repository', 'targets'), { recursive: true })
    await assert.rejects(client.download(path, at('x')), code('not-found', /set-1\.bin/))
  })

  test('a server that cannot be reached, at once or in the middle, is a network failure', async () => {
    const root = await createRepository(folders)
    await add()
    const refused: FetchFile = async () => {
      throw new Error('connect ECONNREFUSED')
    }
    await assert.rejects((await open(root, refused)).refresh(), code('network', /root\.json/))
    const from = serve()
    for (const part of ['timestamp.json', 'snapshot.json', 'targets.json', 'definitions.json', 'set-1.bin']) {
      rmSync(at('client'), { recursive: true, force: true })
      const client = await open(root, async (url, maxBytes) => {
        const content = await from(url, maxBytes)
        if (content === undefined || !url.endsWith(part)) return content
        return (async function* () {
          for await (const chunk of content) yield chunk.subarray(0, 5)
          throw new Error('socket hang up')
        })()
      })
      await assert.rejects(
        client.download(path, at('x')),
        code('network', new RegExp(part.replace('.', '\\.'))),
      )
      assert.equal(existsSync(at('x')), false)
    }
  })

  test('any mixture of old, new, cut short and missing metadata that a kill may leave is healed', async () => {
    const root = await createRepository(folders)
    await (await open(root)).targetInfo(path)
    cpSync(at('client'), at('old-client'), { recursive: true })
    await add()
    await (await open(root)).targetInfo(path)
    const stored = at('client', 'metadata')
    const names = await readdir(stored)
    assert.ok(names.length >= 5)
    for (const name of names) {
      const damages = [
        () => cpSync(at('old-client', 'metadata', name), join(stored, name)),
        () => writeFileSync(join(stored, name), readFileSync(join(stored, name)).subarray(0, 100)),
        () => rmSync(join(stored, name)),
        () => writeFileSync(join(stored, `${name}.part`), 'half'),
      ]
      for (const damage of damages) {
        damage()
        assert.ok(await (await open(root)).targetInfo(path), name)
      }
    }
  })

  test('calls made at once wait for each other', async () => {
    const root = await createRepository(folders)
    await add()
    const client = await open(root)
    const outcomes = await Promise.all([
      client.refresh(),
      client.download(path, at('a')),
      client.refresh(),
      client.download(path, at('b')),
    ])
    assert.equal(outcomes.length, 4)
    assert.deepEqual(readFileSync(at('b')), bytes)
  })

  test('another trusted root is a new enrolment: the old state is dropped', async () => {
    const root = await createRepository(folders)
    await add()
    await (await open(root)).refresh()
    rmSync(at('repository'), { recursive: true })
    rmSync(folders.offlineKeysFolder, { recursive: true })
    rmSync(folders.onlineKeysFolder, { recursive: true })
    const renewed = await createRepository(folders)
    await assert.rejects((await open(root)).refresh(), code('unknown-signer', /timestamp\.json/))
    await (await open(renewed)).refresh()
  })

  test('a trusted root that is none is refused before anything is fetched', async () => {
    await assert.rejects(open(Buffer.from('{}')), code('malformed', /trusted root/))
  })

  test('an update over HTTP brings a target from a server to a file', async () => {
    const root = await createRepository(folders)
    const source = at('source.bin')
    writeFileSync(source, Buffer.alloc(3_000_000, 'abc'))
    await publishTargets({ ...folders, add: [{ path, file: source }], keep: 2 })
    const server = createServer((request, response) => {
      const file = at('repository', new URL(request.url ?? '/', 'http://x').pathname)
      if (existsSync(file)) response.end(readFileSync(file))
      else response.writeHead(404).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const client = await openClient({
        folder: at('client'),
        trustedRoot: root,
        baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        fetch: async (url) => {
          const response = await fetch(url)
          if (response.status === 404) return undefined
          if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`)
          return response.body
        },
      })
      const info = await client.download(path, at('out', 'deep', 'set.bin'))
      assert.equal(info.length, 3_000_000)
      assert.deepEqual(readFileSync(at('out', 'deep', 'set.bin')), readFileSync(source))
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})
