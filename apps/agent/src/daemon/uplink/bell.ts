/**
 * Waiting that can be cut short: a loop sleeps until its time is up, somebody rings, or everything ends.
 */

export class Bell {
  #wake: (() => void) | undefined
  #rung = false

  /** Ends the wait under way, or the next one if nobody waits. */
  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  /** Waits until rung, at most `milliseconds`; at once when rung since the last wait. An abort ends it as well. */
  async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, milliseconds)
        function done() {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          resolve()
        }
        signal.addEventListener('abort', done)
        this.#wake = done
      })
    }
    this.#wake = undefined
    this.#rung = false
  }
}

/**
 * How long to wait after the `failures`th failure in a row, in milliseconds: doubling from one second to a minute, each between
 * half and all of that, so that a fleet does not come back to its server all at once.
 */
export function backOff(failures: number, random: () => number = Math.random): number {
  const most = Math.min(60_000, 1000 * 2 ** Math.min(failures - 1, 10))
  return most / 2 + (most / 2) * random()
}
