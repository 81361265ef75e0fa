/**
 * The sums of a scan, and the summary made of them.
 */
import type { ScanSummary, UnscannedReason } from '@coreward/contracts'

export class Tally {
  filesScanned = 0
  filesUnchanged = 0
  filesAnswered = 0
  filesAgainstAdditions = 0
  filesExcluded = 0
  filesInfected = 0
  bytesScanned = 0
  foldersUnreadable = 0
  definitionsVersion: string | null
  readonly startedAt: string
  readonly #unscanned = new Map<UnscannedReason, number>()

  constructor(startedAt: string, definitionsVersion: string | null) {
    this.startedAt = startedAt
    this.definitionsVersion = definitionsVersion
  }

  /** Counts a file of which at least a part was not looked at. */
  addUnscanned(reason: UnscannedReason): void {
    this.#unscanned.set(reason, (this.#unscanned.get(reason) ?? 0) + 1)
  }

  get filesUnscanned(): number {
    return [...this.#unscanned.values()].reduce((sum, count) => sum + count, 0)
  }

  /**
   * The summary at this moment. A folder that could not be listed counts in the coverage as one file that was not scanned:
   * what is below it is unknown, and the coverage must not be whole.
   */
  summary(finishedAt: string): ScanSummary {
    const { filesScanned, filesUnchanged, filesUnscanned, foldersUnreadable } = this
    const inScope = filesScanned + filesUnscanned + foldersUnreadable
    return {
      filesScanned,
      filesUnchanged,
      filesAnswered: this.filesAnswered,
      filesAgainstAdditions: this.filesAgainstAdditions,
      filesExcluded: this.filesExcluded,
      unscanned: Object.fromEntries(this.#unscanned),
      bytesScanned: this.bytesScanned,
      filesInfected: this.filesInfected,
      foldersUnreadable,
      coverage: inScope === 0 ? null : filesScanned / inScope,
      startedAt: this.startedAt,
      finishedAt,
      definitionsVersion: this.definitionsVersion,
    }
  }
}
