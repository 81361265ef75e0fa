/**
 * Memory that was used once goes back to the system when there is nothing to do: V8 and the C library by themselves keep what a start or a
 * long scan left behind, for hours. V8 needs `--expose-gc` for it; without that, nothing happens to its part.
 */
import { giveBackFreedMemory } from '@coreward/host'

/** How often it is looked whether this process works, in milliseconds. */
const INTERVAL = 3_000
/** Less processor time than this in an interval, in microseconds, is what timers and heartbeats need. */
const IDLE = 60_000
/** How often after each time of work: worker threads collect theirs a little later than this one. */
const TIMES = 3

/** Collects garbage after each time of work, the start included. */
export function giveBackMemoryWhenIdle(): void {
  let before = process.cpuUsage()
  let due = TIMES
  const look = () => {
    const { user, system } = process.cpuUsage(before)
    if (user + system >= IDLE) due = TIMES
    else if (due > 0) {
      due -= 1
      // In a collection as for want of memory, V8 closes up what is left as well.
      globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
      giveBackFreedMemory()
    }
    // What that costs is no work.
    before = process.cpuUsage()
  }
  setInterval(look, INTERVAL).unref()
}
