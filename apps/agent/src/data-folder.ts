/**
 * The data folder by its real path, the same for every process of the agent and for the command line: scans leave out our own folders by
 * their real paths, and where the sockets lie depends on the length of the name.
 */
import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/** The folder without links on the way; of what is not there yet, the part that is. */
export function realDataFolder(folder: string): string {
  const whole = resolve(folder)
  try {
    return realpathSync(whole)
  } catch {
    const parent = dirname(whole)
    return parent === whole ? whole : join(realDataFolder(parent), basename(whole))
  }
}
