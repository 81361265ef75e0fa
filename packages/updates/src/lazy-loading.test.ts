import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  createAuthority,
  createRequest,
  generateSigningKey,
  issueClientCertificate,
  signDocument,
  verifyDocument,
} from '@coreward/trust'
import { createRepository, openClient, publishTargets } from './index.ts'

test('nothing is loaded after the start, so a process may drop its privileges then', async () => {
  const late: string[] = []
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      late.push(specifier)
      return next(specifier, context)
    },
  })
  const home = await mkdtemp(join(tmpdir(), 'coreward-updates-'))
  try {
    const repositoryFolder = join(home, 'r')
    const onlineKeysFolder = join(home, 'n')
    const trustedRoot = await createRepository({
      repositoryFolder,
      onlineKeysFolder,
      offlineKeysFolder: join(home, 'f'),
    })
    const path = 'definitions/a'
    await publishTargets({
      repositoryFolder,
      onlineKeysFolder,
      keep: 1,
      add: [{ path, bytes: Buffer.from('a') }],
    })
    const client = await openClient({
      folder: join(home, 'c'),
      trustedRoot,
      baseUrl: 'https://server.test',
      fetch: async (url) => {
        const file = join(repositoryFolder, new URL(url).pathname)
        return existsSync(file)
          ? (async function* () {
              yield readFileSync(file)
            })()
          : undefined
      },
    })
    await client.download(path, join(home, 'a'))
    const key = await generateSigningKey()
    await verifyDocument(await signDocument({}, { key, type: 't' }), { publicKeys: [key], type: 't' })
    const authority = await createAuthority({ name: 'Coreward', days: 1 })
    await issueClientCertificate(authority, (await createRequest()).csrPem, { agentId: 'a', hours: 1 })
  } finally {
    hooks.deregister()
    await rm(home, { recursive: true, force: true })
  }
  assert.deepEqual(late, [])
})
