/**
 * A container becomes a file again: written beside its destination under a name of its own, given owner, mode, extended attributes and
 * times, flushed, then renamed. Nothing is ever at the destination in part, and no link on the way is followed.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  unlinkSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import {
  displayPath,
  HostError,
  pathToBytes,
  renameWithoutReplacing,
  setFileTimes,
  writeExtendedAttribute,
} from '@coreward/host'
import type { RestoredFile } from '../verbs/quarantine-item.ts'
import { VerbError } from '../verbs/verb-error.ts'
import { pathError } from './open-file.ts'
import { openFolderWithoutLinks } from './open-folder.ts'
import { type ContainerKey, decryptInto } from './quarantine-container.ts'
import type { QuarantineRecord } from './quarantine-record.ts'

/** Restores from an open container to `path`. Throws VerbError as FileVerbs.restore; nothing is left behind then. */
export async function restoreFile(
  key: ContainerKey,
  container: number,
  record: QuarantineRecord,
  path: string,
  overwrite: boolean,
): Promise<RestoredFile> {
  using folder = openFolderWithoutLinks(dirname(path))
  const destination = folder.entry(pathToBytes(basename(path)))
  const temporary = folder.entry(temporaryName(record.item.id))
  const standing = lstatSync(destination, { throwIfNoEntry: false })
  if (standing?.isDirectory()) throw new VerbError('wrong-kind', `${displayPath(path)} is a folder.`)
  if (standing !== undefined && !overwrite)
    throw pathError(path, Object.assign(new Error(), { code: 'EEXIST' }))
  removeIfThere(temporary)
  let made = false
  try {
    const fd = openSync(temporary, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600)
    made = true
    let lostAttributes: string[]
    try {
      const content = await decryptInto(key, container, fd)
      if (content.sha256 !== record.item.sha256) {
        throw new VerbError(
          'quarantine-damaged',
          `The container of ${displayPath(path)} holds other content.`,
        )
      }
      lostAttributes = putBack(fd, record)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    if (overwrite) renameSync(temporary, destination)
    else moveWithoutReplacing(temporary, destination)
    made = false
    fsyncSync(folder.fd)
    return { path, lostAttributes }
  } catch (error) {
    throw error instanceof HostError && error.code === 'exists'
      ? pathError(path, Object.assign(new Error(error.message), { code: 'EEXIST' }))
      : pathError(path, error)
  } finally {
    if (made) removeIfThere(temporary)
  }
}

/** Deletes what a killed restore to `path` left beside it; true when there was something. */
export function cleanRestore(id: string, path: string): boolean {
  try {
    using folder = openFolderWithoutLinks(dirname(path))
    return removeIfThere(folder.entry(temporaryName(id)))
  } catch (error) {
    // The folder is gone, or is not ours to see any more: nothing of ours is in it.
    if (error instanceof VerbError) return false
    throw pathError(path, error)
  }
}

function temporaryName(id: string): Buffer {
  return Buffer.from(`.coreward-restore-${id}`)
}

/** Puts owner, mode, attributes and times back, in the order in which none undoes another; returns attributes that were not taken. */
function putBack(fd: number, { item, extendedAttributes }: QuarantineRecord): string[] {
  // A change of owner clears set-uid bits and file capabilities: it comes first.
  fchownSync(fd, item.uid, item.gid)
  const lost = extendedAttributes.filter(
    ({ name, value }) =>
      writeExtendedAttribute(fd, { name, value: Buffer.from(value, 'base64') }) !== undefined,
  )
  fchmodSync(fd, item.mode)
  setFileTimes(fd, BigInt(item.atimeNs), BigInt(item.mtimeNs))
  return lost.map(({ name }) => name)
}

function moveWithoutReplacing(from: Buffer, to: Buffer): void {
  try {
    renameWithoutReplacing(from, to)
  } catch (error) {
    if (!(error instanceof HostError) || error.code !== 'unsupported') throw error
    // A file system without that flag: a second name refuses to replace as well.
    linkSync(from, to)
    unlinkSync(from)
  }
}

function removeIfThere(path: Buffer): boolean {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false
  unlinkSync(path)
  return true
}
