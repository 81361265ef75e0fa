/**
 * The running account of one scan against its limits: time, cancellation, entries, decompressed bytes. Everything that
 * loops over a file's content asks here, so no loop outlives its scan.
 */
import { EngineError } from './engine-error.ts'
import { HELD_CONTENT_BYTES, type Limits } from './limits.ts'

export interface Budget {
  readonly limits: Limits
  /** Bytes of one content that are held in memory. */
  readonly heldBytes: number
  /** Throws EngineError `timed-out` or `cancelled` once the scan should end; cheap enough for every block. */
  check(): void
  /** Counts one entry of a container; false when the file has had its number. */
  takeEntry(): boolean
  /** Counts decompressed bytes; false when the file has had its total. */
  takeContent(bytes: number): boolean
}

/**
 * Opens the account. `cancelled` is asked at every check; the clock starts now. Tests alone say what is held.
 */
export function createBudget(
  limits: Limits,
  cancelled: () => boolean,
  heldBytes = HELD_CONTENT_BYTES,
): Budget {
  const deadline = performance.now() + limits.timeLimitMilliseconds
  let entries = 0
  let content = 0
  return {
    limits,
    heldBytes: Math.min(heldBytes, limits.maxContentBytes),
    check() {
      if (cancelled()) throw new EngineError('cancelled', 'The scan was cancelled by its caller.')
      if (performance.now() >= deadline) {
        throw new EngineError('timed-out', `The scan passed its limit of ${limits.timeLimitMilliseconds} ms.`)
      }
    },
    takeEntry() {
      entries += 1
      return entries <= limits.maxEntries
    },
    takeContent(bytes) {
      content += bytes
      return content <= limits.maxTotalContentBytes
    },
  }
}
