/**
 * One server on a data folder: two would each keep their own policy in memory and publish over one another. The lock is
 * SQLite's on a file of its own, which the kernel lets go when the process ends, however it ends.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ServerError } from './server-error.ts'

/** Takes the lock and returns what lets it go. Throws `already-running`. */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock.sqlite')
  const lock = new DatabaseSync(path)
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (cause) {
    lock.close()
    throw new ServerError(
      'already-running',
      `Another server runs on ${folder} (it holds ${path}). Stop it first, or choose another with --data-folder.`,
      { cause },
    )
  }
  return () => lock.close()
}
