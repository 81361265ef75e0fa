/**
 * Prepares a new installation: the update repository and its keys. The one order that is told where the offline keys go; the
 * running server never is.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { InitializeOptions } from './command-line.ts'
import { prepareFolder } from './privileges.ts'
import { ServerError } from './server-error.ts'
import { initializeRepository } from './updates/updates.ts'

/** Makes what is missing; repeating it changes nothing. Throws `folder-unusable` or `updates-unusable`. */
export async function initialize(options: InitializeOptions): Promise<void> {
  const folder = join(options.dataFolder, 'server')
  prepareFolder(folder, undefined)
  makeOfflineFolder(options.offlineKeysFolder)
  await initializeRepository(folder, options.offlineKeysFolder)
  prepareFolder(folder, options.user)
}

function makeOfflineFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new ServerError(
      'folder-unusable',
      `The offline keys cannot go to ${folder} (${(cause as Error).message}); name another with --offline-keys-folder.`,
      { cause },
    )
  }
}
