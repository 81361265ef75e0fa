/**
 * Opening a path that may be hostile: never through a link at its end, never blocking on a pipe or a device, and only regular files.
 * What is learnt of the file comes from the open descriptor.
 */
import { type BigIntStats, closeSync, constants, fstatSync, openSync } from 'node:fs'
import { displayPath, pathToBytes, systemCode } from '@coreward/host'
import type { FileIdentity, FileKind } from '../verbs/file-facts.ts'
import { VerbError } from '../verbs/verb-error.ts'

export interface OpenFile {
  /** The caller's to close. */
  readonly fd: number
  readonly status: BigIntStats
  readonly identity: FileIdentity
}

// libuv opens with O_CLOEXEC by itself.
const SAFELY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Opens a regular file for reading; its access time stays as it is where the system allows that. Throws VerbError missing, permission, wrong-kind.
 */
export function openRegularFile(path: string): OpenFile {
  const fd = openSafely(path)
  try {
    const status = fstatSync(fd, { bigint: true })
    if (!status.isFile()) throw new VerbError('wrong-kind', `${displayPath(path)} is not a regular file.`)
    return { fd, status, identity: identityOf(status) }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** The identity of a file by what fstat or lstat said. */
export function identityOf(status: BigIntStats): FileIdentity {
  return {
    device: String(status.dev),
    inode: String(status.ino),
    size: Number(status.size),
    mtimeNs: String(status.mtimeNs),
    ctimeNs: String(status.ctimeNs),
    mode: Number(status.mode),
    uid: Number(status.uid),
    gid: Number(status.gid),
    links: Number(status.nlink),
  }
}

/** What a path's own status says it is. */
export function kindOf(status: BigIntStats): FileKind {
  if (status.isFile()) return 'file'
  if (status.isDirectory()) return 'folder'
  return status.isSymbolicLink() ? 'link' : 'other'
}

/** Whether two identities are one file with one content: all but what a change of owner, mode or links alters. */
export function isSameFile(one: FileIdentity, other: FileIdentity): boolean {
  return (
    one.device === other.device &&
    one.inode === other.inode &&
    one.size === other.size &&
    one.mtimeNs === other.mtimeNs
  )
}

/** An error of the file system as a VerbError about `path`. */
export function pathError(path: string, error: unknown): VerbError {
  if (error instanceof VerbError) return error
  const shown = displayPath(path)
  const reason = error instanceof Error ? error.message : String(error)
  switch (systemCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
      return new VerbError('missing', `${shown} does not exist: ${reason}`, error)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new VerbError('permission', `The system refuses access to ${shown}: ${reason}`, error)
    case 'ELOOP':
    case 'ENXIO':
    case 'EISDIR':
      return new VerbError('wrong-kind', `${shown} is a link or no regular file: ${reason}`, error)
    case 'EEXIST':
      return new VerbError('exists', `${shown} exists; name another place or ask to overwrite it.`, error)
    case 'ENOSPC':
    case 'EDQUOT':
      return new VerbError('disk-full', `No space for ${shown}; free some and try again: ${reason}`, error)
    default:
      return new VerbError('failed', `${shown}: ${reason}`, error)
  }
}

function openSafely(path: string): number {
  const bytes = pathToBytes(path)
  try {
    return openSync(bytes, SAFELY | (constants.O_NOATIME ?? 0))
  } catch (error) {
    // O_NOATIME is for a file's owner and for root only.
    if (systemCode(error) !== 'EPERM') throw pathError(path, error)
  }
  try {
    return openSync(bytes, SAFELY)
  } catch (error) {
    throw pathError(path, error)
  }
}
