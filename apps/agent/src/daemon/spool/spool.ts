/**
 * Events on their way to the server, and what else must survive a kill. `enqueue` returns when an event is on the disk;
 * `lease` hands events out for delivery, `commit` marks them delivered, `rollback` puts them back. Leases live in memory only:
 * what was leased when the process died is leased again, and the server knows an event by its id.
 * It never drops an event that was not delivered: when it is full it refuses new ones, and says so.
 */
import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { AgentEvent, EventContent } from '@coreward/contracts'
import { CommandLedger } from './command-ledger.ts'
import { inTransaction, openDatabase } from './database.ts'
import { DetectionJournal } from './detection-journal.ts'
import { ScanJournal } from './scan-journal.ts'

export type { JournalledScan } from './scan-journal.ts'

import { SpoolError } from './spool-error.ts'

export interface SpoolOptions {
  /** Events that may wait for delivery. 100,000 are about 60 MB: a fleet's server may be away for weeks. */
  readonly maxWaiting?: number
  /** Delivered events that are kept for `coreward events`. */
  readonly maxDelivered?: number
}

interface EventRow {
  sequence: number
  id: string
  occurred_at: string
  content: string
  delivered: number
}

/** A delivered or waiting event, as `coreward events` lists it. */
export interface ListedEvent extends AgentEvent {
  readonly delivered: boolean
}

export class Spool {
  /** Which commands were carried out. */
  readonly commands: CommandLedger
  /** Which scans run and how the last one ended. */
  readonly scans: ScanJournal
  /** Where the files of detections are or were. */
  readonly detections: DetectionJournal
  /** Names this installation where it has no agent id yet. */
  readonly installationId: string
  /** Where a damaged file was put aside when this one was opened. */
  readonly setAside: string | undefined
  readonly #database: DatabaseSync
  readonly #maxWaiting: number
  readonly #maxDelivered: number
  readonly #leased = new Set<string>()
  readonly #listeners = new Set<(event: AgentEvent) => void>()
  #waiting: number
  #refused = 0

  /** Opens the spool at `path`, whose folder exists. Throws SpoolError. */
  constructor(path: string, options: SpoolOptions = {}) {
    const { database, setAside } = openDatabase(path)
    this.#database = database
    this.setAside = setAside
    this.#maxWaiting = options.maxWaiting ?? 100_000
    this.#maxDelivered = options.maxDelivered ?? 10_000
    this.commands = new CommandLedger(database)
    this.scans = new ScanJournal(database)
    this.detections = new DetectionJournal(database)
    this.installationId = installationId(database)
    const { count } = database.prepare('SELECT count(*) AS count FROM event WHERE delivered = 0').get() as {
      count: number
    }
    this.#waiting = count
  }

  /** How many events wait for delivery. */
  get waiting(): number {
    return this.#waiting
  }

  /** How many events were refused since the last one that could be stored: what `spool.full` tells. */
  get refused(): number {
    return this.#refused
  }

  /** Stores an event durably and returns it as it will be sent. Throws SpoolError; then it is not stored. */
  enqueue(content: EventContent): AgentEvent {
    return this.enqueueWith(content, () => {})
  }

  /** The same, with a further write to this file in one transaction: `change` runs before the commit. */
  enqueueWith(content: EventContent, change: () => void): AgentEvent {
    const event = { id: randomUUID(), occurredAt: new Date().toISOString(), content }
    const sequence = this.#store(event, change)
    this.#waiting += 1
    this.#refused = 0
    const stored = { ...event, sequence }
    for (const listener of this.#listeners) listener(stored)
    return stored
  }

  #store(event: Omit<AgentEvent, 'sequence'>, change: () => void): number {
    try {
      if (this.#waiting >= this.#maxWaiting) {
        throw new SpoolError(
          'full',
          `${this.#waiting} events wait for the server, as many as may; let this host reach its server again.`,
        )
      }
      return inTransaction(this.#database, `store the event ${event.content.type}`, () => {
        const { lastInsertRowid } = this.#database
          .prepare('INSERT INTO event (id, occurred_at, content) VALUES (?, ?, ?)')
          .run(event.id, event.occurredAt, JSON.stringify(event.content))
        change()
        return Number(lastInsertRowid)
      })
    } catch (error) {
      this.#refused += 1
      throw error
    }
  }

  /** Up to `count` events that wait and are not leased, oldest first. */
  lease(count: number): AgentEvent[] {
    const rows = this.#database
      .prepare('SELECT * FROM event WHERE delivered = 0 ORDER BY sequence LIMIT ?')
      .all(count + this.#leased.size) as unknown as EventRow[]
    const events = rows
      .filter((row) => !this.#leased.has(row.id))
      .slice(0, count)
      .map(eventOf)
    for (const event of events) this.#leased.add(event.id)
    return events
  }

  /** Marks events delivered, and forgets the oldest delivered ones beyond the bound. Throws SpoolError. */
  commit(ids: readonly string[]): void {
    const delivered = inTransaction(this.#database, 'mark events as delivered', () => {
      const mark = this.#database.prepare('UPDATE event SET delivered = 1 WHERE id = ? AND delivered = 0')
      const changes = ids.reduce((sum, id) => sum + Number(mark.run(id).changes), 0)
      this.#database
        .prepare(
          `DELETE FROM event WHERE delivered = 1 AND sequence <=
             (SELECT sequence FROM event WHERE delivered = 1 ORDER BY sequence DESC LIMIT 1 OFFSET ?)`,
        )
        .run(this.#maxDelivered)
      return changes
    })
    this.#waiting -= delivered
    this.rollback(ids)
  }

  /** Gives leased events back. */
  rollback(ids: readonly string[]): void {
    for (const id of ids) this.#leased.delete(id)
  }

  /** The newest `limit` events, newest first. */
  list(limit: number): ListedEvent[] {
    const rows = this.#database
      .prepare('SELECT * FROM event ORDER BY sequence DESC LIMIT ?')
      .all(limit) as unknown as EventRow[]
    return rows.map((row) => ({ ...eventOf(row), delivered: row.delivered === 1 }))
  }

  /** Calls `listener` after each event that was stored. Returns the function that ends this. */
  onEnqueue(listener: (event: AgentEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Closes the file. Nothing may be called afterwards. */
  [Symbol.dispose](): void {
    this.#database.close()
  }
}

function eventOf(row: EventRow): AgentEvent {
  return {
    id: row.id,
    sequence: row.sequence,
    occurredAt: row.occurred_at,
    content: JSON.parse(row.content),
  }
}

function installationId(database: DatabaseSync): string {
  const row = database.prepare('SELECT id FROM installation').get() as { id: string } | undefined
  if (row !== undefined) return row.id
  const id = randomUUID()
  inTransaction(database, 'name this installation', () =>
    database.prepare('INSERT INTO installation (id) VALUES (?)').run(id),
  )
  return id
}
