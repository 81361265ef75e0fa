/**
 * Gives up root's rights for good, after everything has been loaded (“load, then drop”). Before that, the server's folder is
 * handed to its user.
 */
import {
  accessSync,
  chmodSync,
  constants,
  lchownSync,
  mkdirSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { ServerError } from './server-error.ts'

/** The user to become: numbers, because the user need not have a name. */
export interface ServerUser {
  readonly userId: number
  readonly groupId: number
}

/** Makes the server's folder, closed to others; as root, gives it and all in it to `user`. */
export function prepareFolder(folder: string, user: ServerUser | undefined): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    chmodSync(folder, 0o700)
    if (user === undefined) return
    lchownSync(folder, user.userId, user.groupId)
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
      lchownSync(join(entry.parentPath, entry.name), user.userId, user.groupId)
  } catch (cause) {
    throw unusable(folder, cause)
  }
}

/** Becomes `user` and proves that there is no way back and that the folder can still be used. */
export function dropPrivileges(user: ServerUser | undefined, folder: string): void {
  if (user !== undefined && process.getuid?.() === 0) {
    process.setgroups?.([])
    process.setgid?.(user.groupId)
    process.setuid?.(user.userId)
    if (canBeRootAgain())
      throw new ServerError(
        'option-wrong',
        'The server could not give up the rights of root; name a user other than 0 with --user-id.',
      )
  }
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    const probe = join(folder, '.writable')
    writeFileSync(probe, '')
    rmSync(probe)
  } catch (cause) {
    throw unusable(folder, cause)
  }
}

function canBeRootAgain(): boolean {
  try {
    process.setuid?.(0)
    return true
  } catch {
    return false
  }
}

function unusable(folder: string, cause: unknown): ServerError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new ServerError(
    'folder-unusable',
    `The server's user cannot use ${folder} (${reason}). Give it the right to pass through every folder above, or choose another with --data-folder.`,
    { cause },
  )
}
