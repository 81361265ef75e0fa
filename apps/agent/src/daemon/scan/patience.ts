/**
 * How a scan waits for what passes by itself: a guard or a scanner that was killed is back within a second, and asked again.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { VerbError } from '../../verbs/verb-error.ts'

/** This many tries span about half a minute. */
export const mostTries = 12

/** Whether it is likely to be different the next time. */
export function isPassing(error: unknown): boolean {
  return error instanceof VerbError && passing.includes(error.code)
}

const passing: readonly string[] = ['no-definitions', 'busy', 'guard-gone', 'scanner-gone', 'listing-expired']

/** The rest after a failed try; an abort ends it. */
export async function restAfter(tries: number, signal: AbortSignal): Promise<void> {
  await delay(Math.min(4000, 100 * 2 ** tries), undefined, { signal }).catch(() => {})
}

/** Asks again while what fails may pass. Rejects with the last failure. */
export async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask()
    } catch (error) {
      if (!isPassing(error) || tries >= mostTries || signal.aborted) throw error
      await restAfter(tries, signal)
    }
  }
}
