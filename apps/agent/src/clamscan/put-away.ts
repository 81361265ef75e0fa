/**
 * What the orders say is to be done about infected files: --move goes before --copy, and both before --remove. Says what was
 * done or could not be, and counts the latter.
 */
import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { pathFromBytes, pathToBytes } from '@coreward/host'
import type { Orders } from './command-line.ts'
import { type HeldFile, holdFile, type InfectedFile, type OpenFolder } from './held-file.ts'
import { copyFile, moveFile, removeFile } from './infected-file.ts'
import type { Report } from './report.ts'
import type { Tally } from './summary.ts'

/** Deals with one infected file. */
export type PutAway = (file: InfectedFile, report: Report, tally: Tally) => void

/** Prepares it; undefined when nothing is to be done. Throws Error when the folder named cannot be used. */
export function preparePutAway(orders: Orders, openFolder: OpenFolder): PutAway | undefined {
  const target = orders.move ?? orders.copy
  if (target === undefined) {
    if (!orders.remove) return undefined
    return putAwayBy('remove', 'notRemoved', openFolder, (held) => {
      removeFile(held)
      return 'Removed.'
    })
  }
  const path = usableFolder(target)
  const folder = openFolder(path)
  const place = (name: string) => `'${path === '/' ? '' : path}/${name}'`
  return orders.move === undefined
    ? putAwayBy('copy', 'notCopied', openFolder, (held) => `copied to ${place(copyFile(held, folder))}`)
    : putAwayBy('move', 'notMoved', openFolder, (held) => `moved to ${place(moveFile(held, folder))}`)
}

function putAwayBy(
  verb: string,
  failed: 'notRemoved' | 'notMoved' | 'notCopied',
  openFolder: OpenFolder,
  act: (held: HeldFile) => string,
): PutAway {
  return (file, report, tally) => {
    const { realPath } = file
    try {
      using held = holdFile(file, openFolder)
      report.finding(`${file.path} (real path: '${realPath}'): ${act(held)}`)
    } catch (error) {
      tally[failed] += 1
      report.error(
        `Can't ${verb} file '${file.path}' (real path: '${realPath}'): ${(error as Error).message}`,
      )
    }
  }
}

/** The folder's path without links. */
function usableFolder(target: string): string {
  try {
    const path = realpathSync.native(pathToBytes(target), { encoding: 'buffer' })
    if (!statSync(path).isDirectory()) throw new Error('it is not a folder')
    accessSync(path, constants.W_OK | constants.X_OK)
    return pathFromBytes(path)
  } catch (error) {
    throw new Error(`Files cannot be put into '${target}': ${(error as Error).message}`)
  }
}
