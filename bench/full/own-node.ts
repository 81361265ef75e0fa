/**
 * A copy of the program that runs us. Pages of one program file are shared by all processes that run it, and PSS divides them among
 * these: beside this benchmark, or anything else under the same file, ours would seem smaller than on a host.
 */
import { chmodSync, constants, copyFileSync } from 'node:fs'
import { join } from 'node:path'

/** Puts the copy into `folder`; its path. */
export function ownNode(folder: string): string {
  const copy = join(folder, 'node')
  copyFileSync(process.execPath, copy, constants.COPYFILE_FICLONE)
  chmodSync(copy, 0o755)
  return copy
}
