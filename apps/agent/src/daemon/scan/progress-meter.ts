/**
 * How far a scan is: counts, a rate over the last seconds, and the time that is left. It measures and tells; it changes nothing.
 */
import type { ScanProgress } from '@coreward/contracts'
import { displayPath } from '@coreward/host'

/** The rate is taken over this time: long enough to be steady, short enough to follow a slow disk. */
const WINDOW = 10_000

interface Sample {
  readonly at: number
  readonly bytes: number
  readonly files: number
}

export class ProgressMeter {
  filesDone = 0
  bytesDone = 0
  detections = 0
  unscanned = 0
  currentPath: string | null = null
  #total: { files: number; bytes: number } | undefined
  readonly #scanId: string
  readonly #samples: Sample[] = []

  constructor(scanId: string) {
    this.#scanId = scanId
  }

  /** Sets the totals, once all files have been counted. */
  setTotal(files: number, bytes: number): void {
    this.#total = { files, bytes }
  }

  /** The progress at `now`, in milliseconds of any steady clock. Totals are never less than what was done. */
  read(now: number): ScanProgress {
    const { filesDone, bytesDone, detections, unscanned, currentPath } = this
    this.#samples.push({ at: now, bytes: bytesDone, files: filesDone })
    while (this.#samples.length > 2 && now - (this.#samples[0]?.at ?? now) > WINDOW) this.#samples.shift()
    const total = this.#total && {
      files: Math.max(this.#total.files, filesDone),
      bytes: Math.max(this.#total.bytes, bytesDone),
    }
    const rate = this.#rate(now)
    return {
      scanId: this.#scanId,
      filesDone,
      filesTotal: total?.files ?? null,
      bytesDone,
      bytesTotal: total?.bytes ?? null,
      detections,
      unscanned,
      bytesPerSecond: rate.bytes,
      secondsLeft: total === undefined ? null : this.#secondsLeft(total, rate),
      currentPath: currentPath === null ? null : displayPath(currentPath).slice(0, 4096),
    }
  }

  #rate(now: number): { bytes: number; files: number } {
    const first = this.#samples[0]
    const seconds = first === undefined ? 0 : (now - first.at) / 1000
    if (first === undefined || seconds <= 0) return { bytes: 0, files: 0 }
    return {
      bytes: (this.bytesDone - first.bytes) / seconds,
      files: (this.filesDone - first.files) / seconds,
    }
  }

  /** Many small files cost by the file, few large ones by the byte: the longer of both estimates is the honest one. */
  #secondsLeft(
    total: { files: number; bytes: number },
    rate: { bytes: number; files: number },
  ): number | null {
    const files = total.files - this.filesDone
    const bytes = total.bytes - this.bytesDone
    if (files === 0 && bytes === 0) return 0
    if (rate.files === 0 && rate.bytes === 0) return null
    return Math.max(rate.files > 0 ? files / rate.files : 0, rate.bytes > 0 ? bytes / rate.bytes : 0)
  }
}
