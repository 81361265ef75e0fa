/**
 * Keeps the scanner supplied. Flow: assignment → download through TUF → SHA-256 as assigned → the scanner checks, tests and loads it →
 * the note names it → the former set becomes the previous one. Whatever fails leaves the last good set in use; a scanner that was
 * replaced is given it again, and a set that will not load any more gives way to the one before.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type {
  DefinitionsAssignment,
  DefinitionsSummary,
  EventContent,
  HealthFinding,
} from '@coreward/contracts'
import type { FileVerbs } from '../../verbs/file-verbs.ts'
import type { Spool } from '../spool/spool.ts'
import { type AdditionsDuties, AdditionsKeeper, isRefused, type KnownAdditions } from './additions-keeper.ts'
import { type AssignmentIssuer, openAssignment } from './assignment.ts'
import { DefinitionsKeeperError } from './definitions-error.ts'
import type { DownloadTarget } from './download-target.ts'
import { summarize } from './summary.ts'

export interface DefinitionsDuties extends AdditionsDuties {
  readonly verbs: Pick<FileVerbs, 'loadDefinitions' | 'health'>
  readonly spool: Spool
  /** Called when another set came into use. */
  readonly onChange: () => void
}

/** Between two attempts at a set that failed, in milliseconds: it is named with every heartbeat. */
const RETRY_INTERVAL = 60_000

export class DefinitionsKeeper {
  readonly #duties: DefinitionsDuties
  readonly #additions: AdditionsKeeper
  #issuer: (AssignmentIssuer & { readonly download: DownloadTarget }) | undefined
  #checkedAt: string | null = null
  #failure: { key: string; at: number; message: string; text: string } | undefined
  /** Loads and updates go one after the other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(duties: DefinitionsDuties) {
    this.#duties = duties
    this.#additions = new AdditionsKeeper(duties)
  }

  /** The set in use; null while there is none. */
  get active(): DefinitionsSummary | null {
    return this.#duties.store.note.current
  }

  get previous(): DefinitionsSummary | null {
    return this.#duties.store.note.previous
  }

  /** What is new in the set in use, and since which sets; undefined when that is not known, or not here. */
  additions(): KnownAdditions | undefined {
    return this.#additions.ofCurrent()
  }

  /** When the server last said which set this host gets. */
  get checkedAt(): string | null {
    return this.#checkedAt
  }

  /** Why the last update failed; null when it did not. */
  get failure(): string | null {
    return this.#failure?.text ?? null
  }

  /** Takes assignments from this issuer from now on. */
  trust(issuer: AssignmentIssuer & { readonly download: DownloadTarget }): void {
    this.#issuer = issuer
    this.#failure = undefined
  }

  /**
   * Has the scanner use the current set unless it does already. The version in use, or null when there is no set. Rejects with VerbError when
   * the scanner cannot be reached.
   */
  ensureLoaded(): Promise<string | null> {
    return this.#inTurn(async () => {
      const { current } = this.#duties.store.note
      if (current === null) return null
      const { scanner } = await this.#duties.verbs.health()
      if (scanner?.definitionsVersion === current.version) return current.version
      return this.#loadCurrent()
    })
  }

  /**
   * Told the assignment; takes it when it is another set than the one in use. Never rejects: a failure is an event, a finding, and tried again
   * a minute later.
   */
  async follow(document: string): Promise<void> {
    await this.#inTurn(async () => {
      // Looked at in turn: heartbeats that came during a long attempt are not so many more attempts.
      if (this.#failure?.key === document && Date.now() - this.#failure.at < RETRY_INTERVAL) return
      await this.#take(document)
    }).catch(() => {})
  }

  /** The same at once, for someone who waits for it. Rejects with whatever went wrong. */
  take(document: string): Promise<'updated' | 'current'> {
    return this.#inTurn(() => this.#take(document))
  }

  /** The same for what the server just answered; without an assignment there is nothing to take. */
  async takeNow(document: string | undefined): Promise<{ outcome: 'updated' | 'current'; version: string }> {
    if (document === undefined) {
      throw new DefinitionsKeeperError(
        'definitions.none',
        'The server has not published any definitions yet.',
      )
    }
    const outcome = await this.take(document)
    return { outcome, version: this.active?.version ?? '' }
  }

  /** What is not as it should be. */
  findings(): HealthFinding[] {
    const findings: HealthFinding[] = []
    if (this.active === null) {
      const text = 'There are no definitions on this host: nothing can be found.'
      findings.push({ code: 'definitions.none', severity: 'critical', text })
    }
    if (this.#failure !== undefined) {
      const text = `Definitions could not be updated, the last good ones are in use: ${this.#failure.text}`
      findings.push({ code: 'definitions.failed', severity: 'warning', text: text.slice(0, 1000) })
    }
    return findings
  }

  async #take(document: string): Promise<'updated' | 'current'> {
    let version: string | null = null
    try {
      const assignment = await this.#opened(document)
      version = assignment.version
      this.#checkedAt = new Date().toISOString()
      const outcome = await this.#bring(assignment)
      this.#failure = undefined
      return outcome
    } catch (error) {
      this.#failed(document, version, error)
      throw error
    }
  }

  async #opened(document: string): Promise<DefinitionsAssignment> {
    if (this.#issuer === undefined) throw new DefinitionsKeeperError('foreign', 'this agent is not enrolled')
    return openAssignment(document, this.#issuer, this.#duties.store.note.assignment)
  }

  async #bring(assignment: DefinitionsAssignment): Promise<'updated' | 'current'> {
    const { store, log, onChange } = this.#duties
    const { fleetId, sequence, version, sha256 } = assignment
    const noted = { assignment: { fleetId, sequence } }
    const { current, previous } = store.note
    if (current?.sha256 === sha256) {
      if (store.note.assignment?.sequence !== sequence) store.change(noted)
      return 'current'
    }
    const path = store.pathOf(sha256)
    // Back to the previous set: it was verified when it came, and is taken from the disk while it is the same.
    const known = previous?.sha256 === sha256 && (await hashOf(path)) === sha256 ? previous : undefined
    const custom = known === undefined ? await this.#downloaded(assignment, path) : undefined
    try {
      const summary = known ?? summarize(path, { version, sha256, custom })
      const additions = await this.#additions.load(
        path,
        sha256,
        await this.#additions.fetch(sha256, custom, this.#issuer?.download),
      )
      store.change({ ...noted, current: summary, previous: current, additions })
    } catch (error) {
      // The previous set may have the same file.
      if (previous?.sha256 !== sha256) await rm(path, { force: true })
      throw error
    }
    log.info({ version, previous: current?.version ?? null }, 'definitions updated')
    this.#tell({ type: 'definitions.updated', data: { version, previous: current?.version ?? null } })
    onChange()
    return 'updated'
  }

  async #downloaded({ target, sha256 }: DefinitionsAssignment, path: string): Promise<unknown> {
    const issuer = this.#issuer
    if (issuer === undefined) throw new DefinitionsKeeperError('foreign', 'this agent is not enrolled')
    const { custom } = await issuer.download(target, path)
    const actual = await hashOf(path)
    if (actual === sha256) return custom
    await rm(path, { force: true })
    throw new DefinitionsKeeperError(
      'mismatch',
      `${target} has the SHA-256 ${actual}, the assignment says ${sha256}`,
    )
  }

  /** Loads the current set; one that the scanner refuses, or that is gone, gives way to the previous. */
  async #loadCurrent(): Promise<string | null> {
    const { store, onChange } = this.#duties
    for (;;) {
      const { current, previous, additions } = store.note
      if (current === null) return null
      try {
        const loaded = await this.#additions.load(store.pathOf(current.sha256), current.sha256, additions)
        if (loaded === null && additions !== null) store.change({ additions: null })
        return current.version
      } catch (error) {
        if (!isRefused(error)) throw error
        this.#failed(`stored ${current.sha256}`, current.version, error)
        store.change({ current: previous, previous: null, additions: null })
        onChange()
      }
    }
  }

  #failed(key: string, version: string | null, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : ''
    const text = `${message}${cause}`.slice(0, 2000)
    // A cause may name something that is different each time.
    const again = this.#failure?.key === key && this.#failure.message === message
    this.#failure = { key, at: Date.now(), message, text }
    if (again) return
    this.#duties.log.error({ err: error, version }, 'definitions failed')
    this.#tell({ type: 'definitions.failed', data: { version, failure: text } })
  }

  /** A full spool keeps no set from use; health tells of it. */
  #tell(content: EventContent): void {
    try {
      this.#duties.spool.enqueue(content)
    } catch (error) {
      this.#duties.log.error({ err: error, event: content.type }, 'event not stored')
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work)
    this.#last = result.catch(() => {})
    return result
  }
}

/** Of a file; null when it cannot be read. */
async function hashOf(path: string): Promise<string | null> {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(path), hash)
  } catch {
    return null
  }
  return hash.digest('hex')
}
