/**
 * The scanner process as functions of open descriptors.
 */
import type { ScanResult } from '@coreward/engine'
import { ChannelClient, type ChannelOptions } from './channel-client.ts'
import type { LoadedDefinitions, ScanVerbOptions } from './file-verbs.ts'
import { ASSUMED_TIME_LIMIT } from './scan-answer.ts'
import { scannerContract } from './scanner-contract.ts'
import type { ScannerHealth } from './verbs-health.ts'

/** Files may wait in line for a worker behind others: their time limit so many times, and a minute, until the next one has its result. */
const TIMES_IN_LINE = 8
const SLACK_MILLISECONDS = 60_000

export class ScannerClient {
  readonly #channel: ChannelClient<typeof scannerContract>

  constructor(options: Omit<ChannelOptions, 'gone'>) {
    this.#channel = new ChannelClient(scannerContract, { ...options, gone: 'scanner-gone' })
  }

  /**
   * Scans up to SCAN_FILES open files, which stay open and the caller's; tells of each result as it comes, once. Errors: no-definitions,
   * scanner-gone, busy, time-out: files without a result were not scanned.
   */
  async scan(
    descriptors: readonly number[],
    { limits = {}, passwords, signal, against = 'all' }: ScanVerbOptions,
    onResults: (results: readonly (readonly [place: number, result: ScanResult])[]) => void,
  ): Promise<void> {
    const limit = limits.timeLimitMilliseconds ?? ASSUMED_TIME_LIMIT
    const timeoutMilliseconds = limit * TIMES_IN_LINE + SLACK_MILLISECONDS
    const options = { descriptors, signal, timeoutMilliseconds, onPart: onResults }
    await this.#channel.call('scan', { limits, passwords: passwords && [...passwords], against }, options)
  }

  /** Has it use the definitions in an open file, and the additions in a second one. Errors: definitions-refused, scanner-gone. */
  load(descriptors: readonly [number] | readonly [number, number]): Promise<LoadedDefinitions> {
    return this.#channel.call('load', {}, { descriptors })
  }

  /** How it is; null when it cannot be reached now. */
  async health(): Promise<ScannerHealth | null> {
    try {
      return await this.#channel.call('health', {}, { timeoutMilliseconds: 5000, patienceMilliseconds: 0 })
    } catch {
      return null
    }
  }

  close(): void {
    this.#channel.close()
  }
}
