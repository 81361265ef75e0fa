/**
 * Making a TUF repository: keys → root → targets, which delegates to `definitions` → definitions, snapshot, timestamp.
 * The only place that opens the offline folder. Safe to repeat after a kill: the timestamp, written last, is what makes
 * a repository exist.
 */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder, writeDurably } from './durable-file.ts'
import { metadataFolder, onlinePaths, onlineRole, targetsFolder } from './layout.ts'
import { openOrCreateRoleKey, type RoleKey } from './role-key.ts'
import { metaFile, signMetadata } from './signed-metadata.ts'
import { UpdateError } from './update-error.ts'

/** Where a new repository and its keys go. */
export interface NewRepository {
  /** Gets metadata/ and targets/, to be served as they are. */
  readonly repositoryFolder: string
  /** Gets the root and targets keys. Never needed again by a running server: keep it elsewhere. */
  readonly offlineKeysFolder: string
  /** Gets the definitions, snapshot and timestamp keys, which publishing needs. */
  readonly onlineKeysFolder: string
  readonly now?: Date
}

/**
 * Makes a repository with no targets yet, and returns its root metadata: what clients must be given once, over a channel
 * they trust. Keys that lie in the folders already are used, not replaced. Throws `exists` when there is one already.
 */
export async function createRepository(options: NewRepository): Promise<Buffer> {
  const { repositoryFolder, offlineKeysFolder, onlineKeysFolder, now = new Date() } = options
  const metadata = metadataFolder(repositoryFolder)
  if (await exists(join(metadata, 'timestamp.json'))) {
    throw new UpdateError(
      'exists',
      `${repositoryFolder} holds a repository already; publish to it, or choose another folder.`,
    )
  }
  await makeFolder(metadata)
  await makeFolder(join(targetsFolder(repositoryFolder), onlineRole))

  const rootKey = await openOrCreateRoleKey(offlineKeysFolder, 'root')
  const targetsKey = await openOrCreateRoleKey(offlineKeysFolder, 'targets')
  const definitionsKey = await openOrCreateRoleKey(onlineKeysFolder, onlineRole)
  const snapshotKey = await openOrCreateRoleKey(onlineKeysFolder, 'snapshot')
  const timestampKey = await openOrCreateRoleKey(onlineKeysFolder, 'timestamp')

  const first = { version: 1, now }
  const root = signMetadata('root', {
    ...first,
    key: rootKey,
    body: {
      consistent_snapshot: true,
      keys: keysOf(rootKey, targetsKey, snapshotKey, timestampKey),
      roles: {
        root: signedBy(rootKey),
        targets: signedBy(targetsKey),
        snapshot: signedBy(snapshotKey),
        timestamp: signedBy(timestampKey),
      },
    },
  })
  const targets = signMetadata('targets', {
    ...first,
    key: targetsKey,
    body: {
      targets: {},
      delegations: {
        keys: keysOf(definitionsKey),
        roles: [{ name: onlineRole, ...signedBy(definitionsKey), terminating: true, paths: [onlinePaths] }],
      },
    },
  })
  const definitions = signMetadata(onlineRole, { ...first, key: definitionsKey, body: { targets: {} } })
  const snapshot = signMetadata('snapshot', {
    ...first,
    key: snapshotKey,
    body: {
      meta: { 'targets.json': metaFile(1, targets), [`${onlineRole}.json`]: metaFile(1, definitions) },
    },
  })
  const timestamp = signMetadata('timestamp', {
    ...first,
    key: timestampKey,
    body: { meta: { 'snapshot.json': metaFile(1, snapshot) } },
  })

  await writeDurably(join(metadata, 'root.json'), root)
  await writeDurably(join(metadata, '1.root.json'), root)
  await writeDurably(join(metadata, '1.targets.json'), targets)
  await writeDurably(join(metadata, `1.${onlineRole}.json`), definitions)
  await writeDurably(join(metadata, '1.snapshot.json'), snapshot)
  await writeDurably(join(metadata, 'timestamp.json'), timestamp)
  return root
}

function keysOf(...keys: RoleKey[]) {
  return Object.fromEntries(keys.map(({ keyId, description }) => [keyId, description]))
}

function signedBy(key: RoleKey) {
  return { keyids: [key.keyId], threshold: 1 }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
