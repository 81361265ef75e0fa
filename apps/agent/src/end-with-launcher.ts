/**
 * A process that the launcher started ends with it, however the launcher ended: its standard input is a pipe from the launcher, which
 * closes even on a kill. (The parent-death signal of prctl(2) is lost when a process changes its user.)
 */
import { fstatSync } from 'node:fs'

/** Calls `stop` once when the launcher is gone. Does nothing where standard input is not a pipe. */
export function endWithLauncher(stop: () => void): void {
  try {
    const status = fstatSync(0)
    if (!status.isFIFO() && !status.isSocket()) return
  } catch {
    return
  }
  process.stdin.once('end', stop).once('error', stop).resume()
  // It must not keep a process running that has nothing else to do.
  process.stdin.unref()
}
