/**
 * The database's history: numbered steps, each in one transaction, never changed once released. The tables themselves stand
 * in the stores of their slices.
 */
import type { DatabaseSync } from 'node:sqlite'
import { agentsSchema } from '../agents/store.ts'
import { commandsSchema } from '../commands/store.ts'
import { definitionsDetailsColumn, definitionsSchema } from '../definitions/store.ts'
import { detectionsSchema } from '../detections/store.ts'
import { enrollmentSchema } from '../enrollment/store.ts'
import { eventsSchema } from '../events/store.ts'
import { operatorsSchema } from '../operators/store.ts'
import { policiesSchema } from '../policies/store.ts'
import { scansSchema } from '../scans/store.ts'
import { ServerError } from '../server-error.ts'

/** Each migration's statements; its number is its place, counted from 1. */
export const migrations: readonly string[] = [
  [
    agentsSchema,
    enrollmentSchema,
    policiesSchema,
    definitionsSchema,
    commandsSchema,
    scansSchema,
    detectionsSchema,
    eventsSchema,
    operatorsSchema,
  ].join('\n'),
  definitionsDetailsColumn,
]

/**
 * Brings a database to the newest version and returns how many steps that took. Throws `database-newer` when a later server
 * has used it.
 */
export function migrate(database: DatabaseSync, path: string, steps: readonly string[] = migrations): number {
  // Immediate: of two processes that start at once, one migrates and the other then finds it done.
  database.exec('BEGIN IMMEDIATE')
  const from = versionOf(database)
  database.exec('COMMIT')
  if (from > steps.length) {
    throw new ServerError(
      'database-newer',
      `${path} was written by a newer server (database version ${from}; this server knows ${steps.length}). ` +
        'Start the newer version, or restore a backup made before the upgrade.',
    )
  }
  let taken = 0
  for (let version = from + 1; version <= steps.length; version++) {
    database.exec('BEGIN IMMEDIATE')
    try {
      if (versionOf(database) < version) {
        database.exec(steps[version - 1] ?? '')
        database.exec(`PRAGMA user_version = ${version}`)
        taken++
      }
      database.exec('COMMIT')
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
  }
  return taken
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0)
}
