/**
 * Publishing to a TUF repository with the online keys alone: target files → definitions → snapshot → timestamp, each
 * on the disk before the next names it, so a kill anywhere leaves the old state whole. It never opens the offline keys.
 * One process publishes to a repository; within it, calls for one folder wait for each other.
 */
import { join, resolve } from 'node:path'
import { writeDurably } from './durable-file.ts'
import { checkTargetPath, lifetimes, metadataFolder, onlineRole } from './layout.ts'
import {
  describeRepository,
  type RepositoryState,
  type TargetCustom,
  type TargetInfo,
} from './repository-state.ts'
import { removeOld } from './retention.ts'
import { openRoleKey } from './role-key.ts'
import { createSequence } from './sequence.ts'
import { metaFile, readSnapshot, readTimestamp, signMetadata } from './signed-metadata.ts'
import { storeTarget, type TargetSource } from './target-file.ts'
import { UpdateError } from './update-error.ts'

/** A target to publish: its path and custom facts, and `bytes` or a `file` to read. */
export type NewTarget = TargetSource & { readonly path: string; readonly custom?: TargetCustom }

/** Marks targets that were published beside others, among their custom facts. */
const besideField = 'beside'

interface Folders {
  readonly repositoryFolder: string
  readonly onlineKeysFolder: string
  readonly now?: Date
}

const sequences = new Map<string, ReturnType<typeof createSequence>>()

/**
 * Adds targets and drops all but the `keep` newest and those in `always`; and of what was published beside others, all but what is now. A target's bytes never change: publishing the
 * same path again does nothing when the bytes are the same, and throws `exists` when they are not. Other errors:
 * `malformed`, `not-found` (no repository, no key), `storage`.
 */
export async function publishTargets(
  options: Folders & {
    readonly add: readonly NewTarget[]
    /** Targets that are of use with those added alone: the next publication drops them. */
    readonly beside?: readonly NewTarget[]
    readonly keep: number
    /** Paths that stay however old they are: those that hosts are assigned to. */
    readonly always?: readonly string[]
  },
): Promise<RepositoryState> {
  const { repositoryFolder, add, beside = [], keep, always = [], now = new Date() } = options
  const besides = beside.map((target) => ({ ...target, custom: { ...target.custom, [besideField]: true } }))
  const added = [...besides, ...add]
  for (const { path } of added) checkTargetPath(path)
  if (!Number.isSafeInteger(keep) || keep < 1) {
    throw new UpdateError('malformed', `keep is ${keep}; keep at least one target in ${repositoryFolder}.`)
  }
  return inSequence(repositoryFolder, async () => {
    const before = await describeRepository(repositoryFolder)
    const targets = [...before.targets]
    for (const target of added) {
      const stored = await storeTarget(repositoryFolder, target.path, target)
      const present = targets.find(({ path }) => path === target.path)
      if (present?.sha256 === stored.sha256) continue
      if (present !== undefined) {
        throw new UpdateError(
          'exists',
          `${target.path} is published with other bytes; publish the new ones under a new name.`,
        )
      }
      targets.push({
        path: target.path,
        ...stored,
        custom: { ...target.custom, publishedAt: now.toISOString() },
      })
    }
    const newest = new Set(targets.filter(({ custom }) => custom[besideField] !== true).slice(-keep))
    const isBeside = ({ path }: TargetInfo) => beside.some((target) => target.path === path)
    const kept = targets.filter(
      (target) => newest.has(target) || always.includes(target.path) || isBeside(target),
    )
    const unchanged = kept.length === before.targets.length && kept.every((t) => before.targets.includes(t))
    if (unchanged) return before
    await publish({ ...options, now }, before, kept)
    await removeOld(repositoryFolder, await describeRepository(repositoryFolder))
    return describeRepository(repositoryFolder)
  })
}

/**
 * Signs a new timestamp, so that clients go on trusting what is published; and definitions and snapshot too once half
 * their time is over. Call it daily. Errors as for `publishTargets`.
 */
export async function refreshTimestamp(options: Folders): Promise<RepositoryState> {
  const { repositoryFolder, now = new Date() } = options
  return inSequence(repositoryFolder, async () => {
    const before = await describeRepository(repositoryFolder)
    const halfOver = (role: 'definitions' | 'snapshot') =>
      before.expires[role].getTime() - now.getTime() < lifetimes[role] / 2
    const stale = halfOver('definitions') || halfOver('snapshot')
    await publish({ ...options, now }, before, stale ? before.targets : undefined)
    return describeRepository(repositoryFolder)
  })
}

/** Signs what must be signed: with `targets`, definitions and snapshot too; without, the timestamp alone. */
async function publish(
  options: Folders & { readonly now: Date },
  before: RepositoryState,
  targets: readonly TargetInfo[] | undefined,
): Promise<void> {
  const { onlineKeysFolder, now } = options
  const metadata = metadataFolder(options.repositoryFolder)
  const timestampKey = await openRoleKey(onlineKeysFolder, 'timestamp')
  let { snapshot } = before.versions
  let snapshotMeta = (await readTimestamp(join(metadata, 'timestamp.json'))).snapshotMeta.toJSON()
  if (targets !== undefined) {
    const version = before.versions.definitions + 1
    const definitions = signMetadata(onlineRole, {
      version,
      now,
      key: await openRoleKey(onlineKeysFolder, onlineRole),
      body: { targets: Object.fromEntries(targets.map((target) => [target.path, describe(target)])) },
    })
    const { meta } = await readSnapshot(join(metadata, `${snapshot}.snapshot.json`))
    const others = Object.fromEntries(Object.entries(meta).map(([name, file]) => [name, file.toJSON()]))
    snapshot += 1
    const bytes = signMetadata('snapshot', {
      version: snapshot,
      now,
      key: await openRoleKey(onlineKeysFolder, 'snapshot'),
      body: { meta: { ...others, [`${onlineRole}.json`]: metaFile(version, definitions) } },
    })
    await writeDurably(join(metadata, `${version}.${onlineRole}.json`), definitions)
    await writeDurably(join(metadata, `${snapshot}.snapshot.json`), bytes)
    snapshotMeta = metaFile(snapshot, bytes)
  }
  const timestamp = signMetadata('timestamp', {
    version: before.versions.timestamp + 1,
    now,
    key: timestampKey,
    body: { meta: { 'snapshot.json': snapshotMeta } },
  })
  await writeDurably(join(metadata, 'timestamp.json'), timestamp)
}

function describe({ length, sha256, custom }: TargetInfo) {
  return { length, hashes: { sha256 }, custom: { ...custom } }
}

function inSequence<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const key = resolve(folder)
  const run = sequences.get(key) ?? createSequence()
  sequences.set(key, run)
  return run(work)
}
