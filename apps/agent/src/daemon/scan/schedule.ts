/**
 * Begins scans by the clock: at the policy's local time, each host at a random moment of the spread, so that a fleet does not
 * read all its disks at once.
 */
import type { PolicySettings, ScanKind, ScanSchedule } from '@coreward/contracts'
import { Cron } from 'croner'

export class Schedule {
  readonly #begin: (kind: Exclude<ScanKind, 'custom'>) => void
  readonly #random: () => number
  #jobs: Cron[] = []
  readonly #waiting = new Set<NodeJS.Timeout>()

  /** `begin` must not throw. */
  constructor(begin: (kind: Exclude<ScanKind, 'custom'>) => void, random: () => number = Math.random) {
    this.#begin = begin
    this.#random = random
  }

  /** Goes by this schedule from now on; a scan that waits within its spread under the former one is dropped. */
  apply(schedule: PolicySettings['schedule']): void {
    this[Symbol.dispose]()
    for (const kind of ['quick', 'full'] as const) {
      const { enabled, spreadMinutes } = schedule[kind]
      if (enabled)
        this.#jobs.push(new Cron(cronPattern(schedule[kind]), () => this.#after(kind, spreadMinutes)))
    }
  }

  /** When each kind is due next, without its spread. */
  nextRuns(): Date[] {
    return this.#jobs.map((job) => job.nextRun()).filter((date) => date !== null)
  }

  /** Begins nothing more. */
  [Symbol.dispose](): void {
    for (const job of this.#jobs) job.stop()
    for (const timer of this.#waiting) clearTimeout(timer)
    this.#jobs = []
    this.#waiting.clear()
  }

  #after(kind: 'quick' | 'full', spreadMinutes: number): void {
    const timer = setTimeout(
      () => {
        this.#waiting.delete(timer)
        this.#begin(kind)
      },
      this.#random() * spreadMinutes * 60_000,
    )
    this.#waiting.add(timer)
  }
}

/** A schedule as a cron pattern: minute, hour, any day of any month, days of the week. */
function cronPattern({ time, days }: Pick<ScanSchedule, 'time' | 'days'>): string {
  const [hour, minute] = time.split(':').map(Number)
  return `${minute} ${hour} * * ${days.length === 0 ? '*' : days.join(',')}`
}
