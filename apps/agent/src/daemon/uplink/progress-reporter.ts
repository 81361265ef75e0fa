/**
 * Thins out the progress of scans: for each scan the newest report only, and not more often than the wire should carry.
 */
import type { ScanProgress } from '@coreward/contracts'

/** The least time between two reports of one scan, in milliseconds. */
const INTERVAL = 500

interface Lane {
  next: ScanProgress | undefined
  sending: boolean
}

export class ProgressReporter {
  readonly #send: (progress: ScanProgress) => Promise<void>
  readonly #lanes = new Map<string, Lane>()

  /** `send` never rejects. */
  constructor(send: (progress: ScanProgress) => Promise<void>) {
    this.#send = send
  }

  /** Sends this report now or soon, unless a newer one of the same scan comes first. */
  report(progress: ScanProgress): void {
    const lane = this.#lanes.get(progress.scanId) ?? { next: undefined, sending: false }
    this.#lanes.set(progress.scanId, lane)
    lane.next = progress
    if (!lane.sending) void this.#drain(progress.scanId, lane)
  }

  async #drain(scanId: string, lane: Lane): Promise<void> {
    lane.sending = true
    while (lane.next !== undefined) {
      const progress = lane.next
      lane.next = undefined
      const pause = new Promise((resolve) => setTimeout(resolve, INTERVAL).unref())
      await Promise.all([this.#send(progress), pause])
    }
    this.#lanes.delete(scanId)
  }
}
