/**
 * The TUF client (specification §5) over tuf-js: refresh → look up → download.
 *
 *   folder/trusted-root.json   what the caller gave; another one starts everything anew
 *   folder/metadata/           verified metadata, each file replaced durably
 *   folder/working/            scratch: the library writes here, without fsync; emptied at every refresh
 *
 * A kill at any moment leaves metadata/ usable: every file in it was verified and is verified again when read, and a
 * mixture of versions only makes the next refresh fetch more. It never writes a target that was not verified.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Metadata, MetadataKind } from '@tufjs/models'
import { TargetFile, Updater } from 'tuf-js'
import { type BoundedFetcher, createBoundedFetcher, type FetchFile } from './bounded-fetcher.ts'
import { makeFolder, partSuffix, renameDurably, writeDurably } from './durable-file.ts'
import { explain } from './failure.ts'
import { checkTargetPath } from './layout.ts'
import type { TargetCustom, TargetInfo } from './repository-state.ts'
import { createSequence } from './sequence.ts'
import { UpdateError } from './update-error.ts'

/** A client of one repository. Its calls wait for each other. Every error is an `UpdateError`. */
export interface UpdateClient {
  /** Fetches and verifies the metadata. Call it before each look for something new. */
  readonly refresh: () => Promise<void>
  /** What the verified metadata says of `path`; undefined when there is no such target. Refreshes if nothing has yet. */
  readonly targetInfo: (path: string) => Promise<TargetInfo | undefined>
  /**
   * Brings a target to `destination`, verified and durable, replacing what is there; fetches nothing when the right
   * bytes are there already. Makes the folder. Until it has succeeded, what was at `destination` stays.
   */
  readonly download: (path: string, destination: string) => Promise<TargetInfo>
}

// In the order of the specification's workflow; targets roles come after these.
const order = ['root.json', 'timestamp.json', 'snapshot.json', 'targets.json']

/**
 * Opens a client whose state lies in `folder`. `trustedRoot` is the root metadata that `createRepository` returned, and
 * must have come over a channel that is trusted; `baseUrl` is where the repository's folder is served. All files come
 * through `fetch`. Throws `malformed` for a root that is none, or `storage`.
 */
export async function openClient(options: {
  readonly folder: string
  readonly trustedRoot: Uint8Array
  readonly baseUrl: string
  readonly fetch: FetchFile
}): Promise<UpdateClient> {
  const { folder, baseUrl } = options
  const trustedRoot = Buffer.from(options.trustedRoot)
  if (!isRoot(trustedRoot)) {
    throw new UpdateError('malformed', 'The trusted root is not TUF root metadata; enrol this host again.')
  }
  const metadata = join(folder, 'metadata')
  const working = join(folder, 'working')
  const fetcher = createBoundedFetcher(working, options.fetch)
  const inSequence = createSequence()
  let updater: Updater | undefined

  await guarded(fetcher, () => adopt(folder, trustedRoot))

  async function refresh(): Promise<Updater> {
    updater = undefined
    await prepare(metadata, working, trustedRoot)
    const base = baseUrl.replace(/\/*$/, '')
    // A new one each time: the library fixes its clock when it is made, and refreshes once.
    const next = new Updater({
      metadataDir: working,
      metadataBaseUrl: `${base}/metadata`,
      targetBaseUrl: `${base}/targets`,
      fetcher,
    })
    try {
      await next.refresh()
    } finally {
      // What the library wrote it had verified, so it counts even if a later step failed (specification §5.3.8).
      await install(working, metadata)
    }
    updater = next
    return next
  }

  async function find(path: string): Promise<{ updater: Updater; target: TargetFile | undefined }> {
    checkTargetPath(path)
    const current = updater ?? (await refresh())
    try {
      const target = await current.getTargetInfo(path)
      return { updater: current, target: target instanceof TargetFile ? target : undefined }
    } finally {
      await install(working, metadata)
    }
  }

  async function download(path: string, destination: string): Promise<TargetInfo> {
    const { updater, target } = await find(path)
    if (target === undefined) {
      throw new UpdateError(
        'not-found',
        `${path} is not among the published targets; publish it, or ask for another.`,
      )
    }
    if ((await updater.findCachedTarget(target, destination)) !== undefined) return infoOf(target)
    const part = destination + partSuffix
    try {
      await makeFolder(dirname(destination))
      await updater.downloadTarget(target, part)
      await renameDurably(part, destination)
    } finally {
      await rm(part, { force: true })
    }
    return infoOf(target)
  }

  const run = <T>(work: () => Promise<T>) => inSequence(() => guarded(fetcher, work))
  return {
    refresh: () =>
      run(async () => {
        await refresh()
      }),
    targetInfo: (path) =>
      run(async () => {
        const { target } = await find(path)
        return target && infoOf(target)
      }),
    download: (path, destination) => run(() => download(path, destination)),
  }
}

/** Remembers the trusted root. Another one than last time is a new enrolment: what the old one vouched for is dropped. */
async function adopt(folder: string, trustedRoot: Buffer): Promise<void> {
  const pinned = join(folder, 'trusted-root.json')
  const before = await readFile(pinned).catch(() => undefined)
  if (before?.equals(trustedRoot) !== true) {
    await rm(join(folder, 'metadata'), { recursive: true, force: true })
    await makeFolder(folder, 0o700)
    await writeDurably(pinned, trustedRoot)
  }
  await makeFolder(join(folder, 'metadata'), 0o700)
}

/** Fills the scratch folder with what is known; a stored root that the disk has spoilt gives way to the trusted one. */
async function prepare(metadata: string, working: string, trustedRoot: Buffer): Promise<void> {
  await rm(working, { recursive: true, force: true })
  await mkdir(working, { recursive: true, mode: 0o700 })
  let root = trustedRoot
  for (const name of await readdir(metadata)) {
    if (!name.endsWith('.json')) continue
    const bytes = await readFile(join(metadata, name))
    if (name !== 'root.json') await writeFile(join(working, name), bytes)
    else if (isRoot(bytes)) root = bytes
  }
  await writeFile(join(working, 'root.json'), root)
}

/** Takes over what the library wrote, root first. */
async function install(working: string, metadata: string): Promise<void> {
  const names = (await readdir(working)).filter((name) => name.endsWith('.json'))
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)
  for (const name of names.sort((a, b) => rank(a) - rank(b))) {
    const bytes = await readFile(join(working, name))
    const before = await readFile(join(metadata, name)).catch(() => undefined)
    if (before?.equals(bytes) !== true) await writeDurably(join(metadata, name), bytes, 0o600)
  }
}

/** Whether `bytes` are root metadata signed by their own keys. */
function isRoot(bytes: Buffer): boolean {
  try {
    const root = Metadata.fromJSON(MetadataKind.Root, JSON.parse(bytes.toString('utf8')))
    root.verifyDelegate(MetadataKind.Root, root)
    return true
  } catch {
    return false
  }
}

async function guarded<T>(fetcher: BoundedFetcher, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw explain(cause, fetcher.last())
  }
}

function infoOf(target: TargetFile): TargetInfo {
  return {
    path: target.path,
    length: target.length,
    sha256: target.hashes.sha256 ?? '',
    custom: target.custom as TargetCustom,
  }
}
