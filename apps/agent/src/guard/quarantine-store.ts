/**
 * The quarantine: one encrypted container and one record for each file. At every moment either the original is in its place or a
 * complete item is here, so a kill loses nothing.
 * original → container, flushed and read back → record `moving` → original deleted, if it still is what was scanned → record `held`
 */
import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmSync,
  unlinkSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import {
  displayPath,
  groupName,
  HostError,
  type Paths,
  pathFromBytes,
  pathToBytes,
  readExtendedAttributes,
  syncFolder,
  UNFINISHED_SUFFIX,
  userName,
} from '@coreward/host'
import type { QuarantineItem, QuarantineReason, RestoredFile } from '../verbs/quarantine-item.ts'
import { VerbError } from '../verbs/verb-error.ts'
import { identityOf, isSameFile, type OpenFile, openRegularFile, pathError } from './open-file.ts'
import { openFolderWithoutLinks } from './open-folder.ts'
import { type ContainerKey, decryptInto, encryptInto, openContainerKey } from './quarantine-container.ts'
import { containerPath, type QuarantineRecord, recordPath, writeRecord } from './quarantine-record.ts'
import { recoverQuarantine } from './quarantine-recovery.ts'
import { restoreFile } from './quarantine-restore.ts'

export class QuarantineStore {
  /** What was cleaned when it was opened, in words. */
  readonly recovery: readonly string[]
  readonly #folder: string
  readonly #key: ContainerKey
  readonly #records: Map<string, QuarantineRecord>
  /** Items in use: an item is restored or deleted by one caller at a time. */
  readonly #busy = new Set<string>()

  private constructor(
    folder: string,
    key: ContainerKey,
    records: readonly QuarantineRecord[],
    recovery: readonly string[],
  ) {
    this.#folder = folder
    this.#key = key
    this.#records = new Map(records.map((record) => [record.item.id, record]))
    this.recovery = recovery
  }

  /** Opens the folder (made with mode 0700) and cleans what a killed process left. One store for a folder at a time. */
  static async open(paths: Pick<Paths, 'agent'>): Promise<QuarantineStore> {
    const { quarantine, quarantineKey } = paths.agent
    try {
      mkdirSync(quarantine, { recursive: true, mode: 0o700 })
      chmodSync(quarantine, 0o700)
      const { records, notes } = await recoverQuarantine(quarantine)
      return new QuarantineStore(quarantine, await openContainerKey(quarantineKey), records, notes)
    } catch (error) {
      throw storeError(quarantine, error)
    }
  }

  /** All items, oldest first. */
  items(): readonly QuarantineItem[] {
    return [...this.#records.values()].map((record) => record.item)
  }

  /** As FileVerbs.quarantine. */
  async add(path: string, reason: QuarantineReason): Promise<QuarantineItem> {
    const file = openRegularFile(path)
    try {
      if (!isSameFile(file.identity, reason.identity)) throw changed(path)
      const record = describe(path, file, reason)
      await this.#fill(file, record)
      try {
        writeRecord(this.#folder, record)
        removeOriginal(record)
      } catch (error) {
        this.#forget(record.item.id)
        throw error
      }
      // From here on the original is gone: the item counts whatever comes.
      this.#records.set(record.item.id, this.#settle(record))
      return record.item
    } catch (error) {
      throw storeError(path, error)
    } finally {
      closeSync(file.fd)
    }
  }

  /** As FileVerbs.restore. */
  restore(id: string, options: { to?: string | undefined; overwrite?: boolean }): Promise<RestoredFile> {
    return this.#exclusively(id, async (record) => {
      const container = openSync(containerPath(this.#folder, id), 'r')
      try {
        const path = options.to ?? record.realPath
        if (!path.startsWith('/'))
          throw new VerbError('missing', `${displayPath(path)} is not an absolute path.`)
        writeRecord(this.#folder, { ...record, restoringTo: path })
        try {
          const restored = await restoreFile(this.#key, container, record, path, options.overwrite ?? false)
          this.#forget(id)
          return restored
        } catch (error) {
          writeRecord(this.#folder, record)
          throw error
        }
      } finally {
        closeSync(container)
      }
    })
  }

  /** As FileVerbs.remove. */
  remove(id: string): Promise<void> {
    return this.#exclusively(id, async () => this.#forget(id))
  }

  /** Lends an open descriptor of an item's decrypted content, which has no name on disk, to `use`. */
  lend<T>(id: string, use: (fd: number, size: number) => Promise<T>): Promise<T> {
    return this.#exclusively(id, async (record) => {
      const name = join(this.#folder, `.${randomUUID()}${UNFINISHED_SUFFIX}`)
      const container = openSync(containerPath(this.#folder, id), 'r')
      let fd: number | undefined
      try {
        fd = openSync(name, 'wx+', 0o600)
        unlinkSync(name)
        const { size, sha256 } = await decryptInto(this.#key, container, fd)
        if (sha256 !== record.item.sha256) {
          throw new VerbError(
            'quarantine-damaged',
            `The container ${id} holds other content than was put in.`,
          )
        }
        return await use(fd, size)
      } finally {
        if (fd !== undefined) closeSync(fd)
        closeSync(container)
      }
    })
  }

  /** Writes the container, reads it back, and checks that it holds what was scanned. */
  async #fill(file: OpenFile, { item }: QuarantineRecord): Promise<void> {
    const unfinished = join(this.#folder, `.${item.id}.age${UNFINISHED_SUFFIX}`)
    try {
      const fd = openSync(unfinished, 'wx+', 0o600)
      try {
        const content = await encryptInto(this.#key, file.fd, fd)
        const after = identityOf(fstatSync(file.fd, { bigint: true }))
        if (content.sha256 !== item.sha256 || !isSameFile(after, file.identity)) throw changed(item.path)
        const stored = await decryptInto(this.#key, fd)
        if (stored.sha256 !== item.sha256) {
          throw new VerbError(
            'failed',
            `The container of ${displayPath(item.path)} does not read back; check the disk.`,
          )
        }
      } finally {
        closeSync(fd)
      }
      renameSync(unfinished, containerPath(this.#folder, item.id))
      syncFolder(this.#folder)
    } catch (error) {
      rmSync(unfinished, { force: true })
      throw error
    }
  }

  /** Marks a record `held`. When that cannot be written (a full disk), the next start does it (quarantine-recovery.ts). */
  #settle(record: QuarantineRecord): QuarantineRecord {
    try {
      syncFolder(dirname(record.realPath))
      const held = { ...record, state: 'held' } as const
      writeRecord(this.#folder, held)
      return held
    } catch {
      return record
    }
  }

  /** The record goes first: a container without one is cleaned at the next start. */
  #forget(id: string): void {
    rmSync(recordPath(this.#folder, id), { force: true })
    rmSync(containerPath(this.#folder, id), { force: true })
    syncFolder(this.#folder)
    this.#records.delete(id)
  }

  async #exclusively<T>(id: string, use: (record: QuarantineRecord) => Promise<T>): Promise<T> {
    const record = this.#records.get(id)
    if (record === undefined)
      throw new VerbError('quarantine-unknown', `There is no item ${id} in quarantine.`)
    if (this.#busy.has(id))
      throw new VerbError('busy', `The item ${id} is being restored or deleted; ask again later.`)
    this.#busy.add(id)
    try {
      return await use(record)
    } catch (error) {
      throw storeError(record.item.path, error)
    } finally {
      this.#busy.delete(id)
    }
  }
}

function describe(path: string, file: OpenFile, reason: QuarantineReason): QuarantineRecord {
  const { identity, ...found } = reason
  const { status } = file
  const real = readlinkSync(`/proc/self/fd/${file.fd}`, { encoding: 'buffer' })
  return {
    format: 1,
    state: 'moving',
    identity,
    restoringTo: null,
    realPath: pathFromBytes(real),
    extendedAttributes: readExtendedAttributes(file.fd).map(({ name, value }) => ({
      name,
      value: Buffer.from(value).toString('base64'),
    })),
    item: {
      ...found,
      id: randomUUID(),
      path,
      size: Number(status.size),
      uid: Number(status.uid),
      gid: Number(status.gid),
      owner: userName(Number(status.uid)),
      group: groupName(Number(status.gid)),
      mode: Number(status.mode) & 0o7777,
      links: Number(status.nlink),
      atimeNs: String(status.atimeNs),
      mtimeNs: String(status.mtimeNs),
      quarantinedAt: new Date().toISOString(),
    },
  }
}

/** Deletes the original through its folder, held open, if the name there still leads to the file that was scanned. */
function removeOriginal({ realPath, identity }: QuarantineRecord): void {
  using folder = openFolderWithoutLinks(dirname(realPath))
  const entry = folder.entry(pathToBytes(basename(realPath)))
  const status = lstatSync(entry, { bigint: true, throwIfNoEntry: false })
  if (status?.isFile() !== true || !isSameFile(identityOf(status), identity)) throw changed(realPath)
  unlinkSync(entry)
}

function changed(path: string): VerbError {
  return new VerbError(
    'changed',
    `${displayPath(path)} is no longer the file that was scanned; scan it again.`,
  )
}

function storeError(path: string, error: unknown): VerbError {
  if (!(error instanceof HostError)) return pathError(path, error)
  const code =
    error.code === 'disk-full' || error.code === 'permission' || error.code === 'missing'
      ? error.code
      : 'failed'
  return new VerbError(code, error.message, error)
}
