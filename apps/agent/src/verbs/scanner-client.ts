/**
 * The scanner process as a function of open descriptors.
 */
import { defaultLimits, type Limits, type ScanResult } from '@coreward/engine'
import { ChannelClient, type ChannelOptions } from './channel-client.ts'
import type { LoadedDefinitions } from './file-verbs.ts'
import { scannerContract } from './scanner-contract.ts'
import type { ScannerHealth } from './verbs-health.ts'

/** A scan may wait in line for a worker behind others: its own time limit so many times, and a minute, before it is given up. */
const TIMES_IN_LINE = 8
const SLACK_MILLISECONDS = 60_000

export class ScannerClient {
  readonly #channel: ChannelClient<typeof scannerContract>

  constructor(options: Omit<ChannelOptions, 'gone'>) {
    this.#channel = new ChannelClient(scannerContract, { ...options, gone: 'scanner-gone' })
  }

  /** Scans an open file, which stays open and the caller's. Errors: no-definitions, scanner-gone, busy, time-out. */
  scan(descriptor: number, limits: Partial<Limits> = {}, signal?: AbortSignal): Promise<ScanResult> {
    const limit = limits.timeLimitMilliseconds ?? defaultLimits.timeLimitMilliseconds
    const timeoutMilliseconds = limit * TIMES_IN_LINE + SLACK_MILLISECONDS
    return this.#channel.call('scan', { limits }, { descriptor, signal, timeoutMilliseconds })
  }

  /** Has it use the definitions in an open file. Errors: definitions-refused, scanner-gone. */
  load(descriptor: number): Promise<LoadedDefinitions> {
    return this.#channel.call('load', {}, { descriptor })
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
