/**
 * A change: one transaction, and what the open consoles hear of it once it is durable. Everything that writes goes through
 * here, so that nobody is told of what was rolled back.
 */
import type { LiveMessage } from '@coreward/contracts'
import type { Sql } from './sql.ts'

/** What a rule that writes is handed. Inside a change only `sql` of that change may be used. */
export interface Change {
  readonly sql: Sql
  /** Says something to the consoles after the commit. */
  tell(message: LiveMessage): void
  /** Does something after the commit that concerns this process only, such as waking a request that waits. */
  afterwards(work: () => void): void
}

/** Runs `work` in one transaction; tells and wakes after its commit, and not at all when it throws. */
export type MakeChange = <T>(work: (change: Change) => Promise<T>) => Promise<T>

/** The way to change this database. */
export function changing(sql: Sql, publish: (message: LiveMessage) => void): MakeChange {
  return async (work) => {
    const messages = new Map<string, LiveMessage>()
    const later: (() => void)[] = []
    const result = await sql.transaction().execute((transaction) =>
      work({
        sql: transaction,
        tell: (message) => messages.set(JSON.stringify(message), message),
        afterwards: (task) => later.push(task),
      }),
    )
    for (const message of messages.values()) publish(message)
    for (const task of later) task()
    return result
  }
}
