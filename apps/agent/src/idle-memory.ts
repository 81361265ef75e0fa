/**
 * Memory that was used once goes back to the system when there is nothing to do: V8 by itself keeps what a start or a long scan left
 * behind, for hours. Needs `--expose-gc`; without it, nothing happens.
 */

/** How often it is looked whether this process works, in milliseconds. */
const INTERVAL = 3_000
/** Less processor time than this in an interval, in microseconds, is what timers and heartbeats need. */
const IDLE = 60_000

/** Collects garbage once after each time of work, the start included. */
export function giveBackMemoryWhenIdle(): void {
  let before = process.cpuUsage()
  let hasWorked = true
  const look = () => {
    const { user, system } = process.cpuUsage(before)
    before = process.cpuUsage()
    if (user + system >= IDLE) hasWorked = true
    else if (hasWorked) {
      globalThis.gc?.()
      hasWorked = false
    }
  }
  setInterval(look, INTERVAL).unref()
}
