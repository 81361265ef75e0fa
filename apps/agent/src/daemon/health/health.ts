/**
 * How this host is: watches the processes behind the verbs, gathers the duties' findings, and puts both into the heartbeat.
 * It tells of a replaced process once, when it sees it; it replaces none itself.
 */
import { statfs } from 'node:fs/promises'
import { availableParallelism, totalmem, uptime } from 'node:os'
import type { AgentVersions, HealthFinding, HealthState, Heartbeat, HostFacts } from '@coreward/contracts'
import { describeMachine } from '@coreward/host'
import type { Logger } from 'pino'
import type { FileVerbs } from '../../verbs/file-verbs.ts'
import type { VerbsHealth } from '../../verbs/verbs-health.ts'
import type { Spool } from '../spool/spool.ts'

export interface HealthDuties {
  readonly verbs: Pick<FileVerbs, 'health' | 'quarantined'>
  readonly spool: Spool
  readonly log: Logger
  /** Where the agent keeps its data; its disk is watched. */
  readonly dataFolder: string
  /** Whether a guard does the privileged work; false where an ordinary user started the agent. */
  readonly hasGuard: boolean
  /** This process's own memory in bytes, asked in a way that outlives the privileges. */
  readonly ownPss: () => number | null
  /** What the launcher could not do for this host's safety, as its codes. */
  readonly degradations: readonly string[]
  readonly versions: () => AgentVersions
  /** The findings of all other duties. */
  readonly findings: () => HealthFinding[]
  /** Called when a process was replaced, or the worst finding changed. */
  readonly onChange: () => void
  /** Called when the scanner that answers has no definitions. */
  readonly onEmptyScanner: () => void
}

type ProcessName = 'guard' | 'scanner'

/** How often the processes are looked at: a replaced scanner is given its definitions within this time, or at the next scan. */
const WATCH_INTERVAL = 2_000

/** Less than this free, and definitions, events and quarantine are about to fail. */
const LOW_DISK_BYTES = 512 * 1024 * 1024

const unreachable: VerbsHealth = { guard: null, scanner: null, quarantineRecovery: [] }

export class Health {
  readonly #duties: HealthDuties
  readonly #seen = new Map<ProcessName, number>()
  readonly #restarts: Record<ProcessName, number> = { guard: 0, scanner: 0 }
  #verbs: VerbsHealth = unreachable
  /** How often in a row each was not there. */
  #noScanner = 0
  #noGuard = 0
  #lowDisk = false
  #quarantinedFiles = 0
  /** What the quarantine said it cleaned, once logged. */
  readonly #recovered = new Set<string>()
  #state: HealthState = 'healthy'
  #timer: NodeJS.Timeout | undefined
  #watching: Promise<void> = Promise.resolve()

  constructor(duties: HealthDuties) {
    this.#duties = duties
  }

  /** Looks for the first time, then every two seconds. */
  async start(): Promise<void> {
    await this.#watch()
    this.#timer = setInterval(() => {
      this.#watching = this.#watching.then(() => this.#watch())
    }, WATCH_INTERVAL)
  }

  /** All findings, worst first. */
  findings(): HealthFinding[] {
    const order = ['critical', 'warning', 'information']
    return [...this.#own(), ...this.#duties.findings()]
      .sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
      .slice(0, 50)
  }

  /** The worst of the findings. Information alone is healthy. */
  state(): HealthState {
    const [worst] = this.findings()
    return worst === undefined || worst.severity === 'information' ? 'healthy' : worst.severity
  }

  /** The processes with their memory. */
  processes(): Heartbeat['processes'] {
    const { guard, scanner } = this.#verbs
    const one = (name: ProcessName, process: { pid: number; pssBytes: number | null } | null) =>
      process === null
        ? []
        : [{ name, pid: process.pid, pssBytes: process.pssBytes, restarts: this.#restarts[name] }]
    return [
      ...one('guard', guard),
      ...one('scanner', scanner),
      { name: 'daemon', pid: process.pid, pssBytes: this.#duties.ownPss(), restarts: 0 },
    ]
  }

  /** A heartbeat as of now. */
  async heartbeat(): Promise<Heartbeat> {
    const { spool, versions } = this.#duties
    return {
      sentAt: new Date().toISOString(),
      bootedAt: new Date(Date.now() - uptime() * 1000).toISOString(),
      host: hostFacts(),
      versions: versions(),
      findings: this.findings(),
      processes: this.processes(),
      spooledEvents: spool.waiting,
      quarantinedFiles: await this.quarantinedFiles(),
    }
  }

  /** How many files are in quarantine; while nobody can tell, what was last known. */
  async quarantinedFiles(): Promise<number> {
    try {
      this.#quarantinedFiles = (await this.#duties.verbs.quarantined()).length
    } catch {
      // The finding about the guard says why.
    }
    return this.#quarantinedFiles
  }

  /** Looks no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#watching
  }

  async #watch(): Promise<void> {
    this.#verbs = await this.#duties.verbs.health().catch(() => unreachable)
    this.#lowDisk = await isDiskLow(this.#duties.dataFolder)
    this.#noScanner = this.#verbs.scanner === null ? this.#noScanner + 1 : 0
    this.#noGuard = this.#verbs.guard === null ? this.#noGuard + 1 : 0
    for (const name of ['guard', 'scanner'] as const) this.#compare(name, this.#verbs[name]?.pid)
    this.#logRecovery(this.#verbs.quarantineRecovery)
    if (this.#verbs.scanner?.definitionsVersion === null) this.#duties.onEmptyScanner()
    const state = this.state()
    if (state !== this.#state) {
      this.#state = state
      this.#duties.onChange()
    }
  }

  #logRecovery(notes: readonly string[]): void {
    for (const note of notes) {
      if (!this.#recovered.has(note)) this.#duties.log.warn({ note }, 'the quarantine was put in order')
      this.#recovered.add(note)
    }
  }

  #compare(name: ProcessName, pid: number | undefined): void {
    const { spool, log, onChange } = this.#duties
    const before = this.#seen.get(name)
    if (pid === undefined || pid === before) return
    this.#seen.set(name, pid)
    if (before === undefined) return
    this.#restarts[name] += 1
    log.warn({ process: name, before, pid }, 'a process was replaced')
    try {
      const reason = `Process ${before} ended; ${pid} took its place.`
      spool.enqueue({ type: 'process.replaced', data: { process: name, reason } })
    } catch (error) {
      log.error({ err: error }, 'event not stored')
    }
    onChange()
  }

  #own(): HealthFinding[] {
    const { spool, degradations, hasGuard } = this.#duties
    const findings: HealthFinding[] = []
    const add = (code: HealthFinding['code'], severity: HealthFinding['severity'], text: string) =>
      findings.push({ code, severity, text })
    // Twice in a row: a scanner that is being replaced is back within a second.
    if (this.#noScanner > 1)
      add('scanner.unavailable', 'critical', 'The scanner does not answer: nothing is scanned.')
    if (hasGuard && this.#noGuard > 1)
      add('guard.unavailable', 'critical', 'The guard does not answer: files cannot be opened or moved.')
    else if (!hasGuard)
      add(
        'guard.absent',
        'information',
        'Started by an ordinary user: only what this user may read is scanned.',
      )
    if (degradations.length > 0)
      add(
        'isolation.degraded',
        'warning',
        `The processes are less separated than they could be: ${degradations.join(', ')}.`,
      )
    if (spool.refused > 0)
      add(
        'spool.full',
        'critical',
        `${spool.refused} ${spool.refused === 1 ? 'event' : 'events'} could not be stored; free some space, or let this host reach its server.`,
      )
    if (this.#lowDisk) add('disk.low', 'warning', 'Less than 512 MB are free where the agent keeps its data.')
    return findings
  }
}

/** What this host is, read anew. */
export function hostFacts(): HostFacts {
  const machine = describeMachine()
  return {
    hostname: machine.hostname.slice(0, 255),
    operatingSystem: machine.system.slice(0, 200),
    kernel: machine.kernel.slice(0, 200),
    architecture: machine.architecture,
    addresses: machine.addresses.slice(0, 64),
    machineId: machine.machineId,
    processors: availableParallelism(),
    memoryBytes: totalmem(),
  }
}

async function isDiskLow(folder: string): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize < LOW_DISK_BYTES
  } catch {
    return false
  }
}
