/**
 * Which of the server's commands this agent has begun, so that each is carried out at most once, over any number of kills.
 * A command is entered before it is begun; its outcome is added when there is one.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { CommandOutcome } from '@coreward/contracts'
import { inTransaction } from './database.ts'

export class CommandLedger {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  /**
   * Enters a command. `new`: carry it out now. `known`: it was begun before; `outcome` is what came of it, or null when the
   * process ended before that was known. Entries are forgotten a day after their commands have expired. Throws SpoolError.
   */
  begin(
    id: string,
    expiresAt: string,
  ): { state: 'new' } | { state: 'known'; outcome: CommandOutcome | null } {
    return inTransaction(this.#database, `enter the command ${id}`, () => {
      const row = this.#database.prepare('SELECT outcome FROM command WHERE id = ?').get(id) as
        | { outcome: string | null }
        | undefined
      if (row !== undefined) {
        return { state: 'known', outcome: row.outcome === null ? null : JSON.parse(row.outcome) }
      }
      const yesterday = new Date(Date.now() - 86_400_000).toISOString()
      this.#database.prepare('DELETE FROM command WHERE expires_at < ?').run(yesterday)
      this.#database.prepare('INSERT INTO command (id, expires_at) VALUES (?, ?)').run(id, expiresAt)
      return { state: 'new' }
    })
  }

  /** Adds what came of a command. Throws SpoolError. */
  end(id: string, outcome: CommandOutcome): void {
    inTransaction(this.#database, `note the outcome of the command ${id}`, () =>
      this.#database.prepare('UPDATE command SET outcome = ? WHERE id = ?').run(JSON.stringify(outcome), id),
    )
  }
}
