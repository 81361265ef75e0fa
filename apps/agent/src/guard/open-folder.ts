/**
 * Folders as descriptors: what was opened stays that folder, whatever its path leads to afterwards. Entries are reached through
 * /proc/self/fd, so a link slipped into a parent folder diverts nothing.
 */
import { closeSync, constants, openSync } from 'node:fs'
import { displayPath, pathToBytes, systemCode } from '@coreward/host'
import { VerbError } from '../verbs/verb-error.ts'
import { pathError } from './open-file.ts'

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY

/** O_PATH (open(2)): a folder on the way needs search permission only, not read. */
const PASSING = 0o10000000 | constants.O_DIRECTORY

export interface OpenFolder extends Disposable {
  readonly fd: number
  /** The path of an entry, as bytes, valid while the folder is open. */
  entry(name: Uint8Array): Buffer
}

/** Opens a folder; a link at the end of the path is not followed. Throws VerbError missing, permission, wrong-kind. */
export function openFolder(path: string): OpenFolder {
  try {
    return fromDescriptor(openSync(pathToBytes(path), FOLDER | constants.O_NOFOLLOW))
  } catch (error) {
    if (systemCode(error) !== 'ENOTDIR') throw pathError(path, error)
    throw new VerbError('wrong-kind', `${displayPath(path)} is not a folder, or is a link to one.`, error)
  }
}

/**
 * Opens a folder with no link anywhere on the way: for writing as root where others may write too. Throws VerbError as openFolder,
 * and `wrong-kind` for a link.
 */
export function openFolderWithoutLinks(path: string): OpenFolder {
  const names = path.split('/').filter((name) => name !== '' && name !== '.')
  let folder = fromDescriptor(openSync('/', names.length === 0 ? FOLDER : PASSING))
  for (const [index, name] of names.entries()) {
    using parent = folder
    try {
      if (name === '..')
        throw new VerbError('wrong-kind', `${displayPath(path)} has ".." in it; give a plain path.`)
      const flags = index === names.length - 1 ? FOLDER : PASSING
      folder = fromDescriptor(openSync(parent.entry(pathToBytes(name)), flags | constants.O_NOFOLLOW))
    } catch (error) {
      if (systemCode(error) !== 'ENOTDIR' && systemCode(error) !== 'ELOOP') throw pathError(path, error)
      const text = `${displayPath(path)}: ${displayPath(name)} is a link or no folder; name a path without links.`
      throw new VerbError('wrong-kind', text, error)
    }
  }
  return folder
}

function fromDescriptor(fd: number): OpenFolder {
  const prefix = Buffer.from(`/proc/self/fd/${fd}/`)
  return {
    fd,
    entry: (name) => Buffer.concat([prefix, name]),
    [Symbol.dispose]: () => closeSync(fd),
  }
}
