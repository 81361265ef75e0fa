/** The commands' table: what was asked of each agent, and what became of it. */
import { type Command, CommandOrder } from '@coreward/contracts'
import type { Selectable } from 'kysely'
import type { Sql } from '../database/sql.ts'

export const commandsSchema = `
CREATE TABLE commands (
  id TEXT PRIMARY KEY,
  agent_id TEXT NOT NULL,
  command_order TEXT NOT NULL,
  subject TEXT NOT NULL,
  issued_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  state TEXT NOT NULL,
  failure TEXT
) STRICT;
CREATE INDEX commands_by_state ON commands (state, agent_id, issued_at);
CREATE INDEX commands_by_subject ON commands (subject, state);
`

/** `waiting`: not answered yet. `withdrawn`: no longer wanted before it was answered. */
export type CommandState = 'waiting' | 'accepted' | 'done' | 'failed' | 'expired' | 'withdrawn'

interface CommandsTable {
  id: string
  agent_id: string
  command_order: string
  /** The scan or detection it is about. */
  subject: string
  issued_at: string
  expires_at: string
  state: CommandState
  failure: string | null
}

/** A command with whose it is. */
export interface StoredCommand extends Command {
  readonly agentId: string
  readonly state: CommandState
}

const tables = (sql: Sql) => sql.$extendTables<{ commands: CommandsTable }>()

export async function insertCommand(
  sql: Sql,
  command: Command & { agentId: string; subject: string },
): Promise<void> {
  await tables(sql)
    .insertInto('commands')
    .values({
      id: command.id,
      agent_id: command.agentId,
      command_order: JSON.stringify(command.order),
      subject: command.subject,
      issued_at: command.issuedAt,
      expires_at: command.expiresAt,
      state: 'waiting',
    })
    .execute()
}

/** Commands of an agent that wait and have not expired, oldest first. */
export async function listWaiting(
  sql: Sql,
  agentId: string,
  now: string,
  limit: number,
): Promise<StoredCommand[]> {
  const rows = await tables(sql)
    .selectFrom('commands')
    .selectAll()
    .where('state', '=', 'waiting')
    .where('agent_id', '=', agentId)
    .where('expires_at', '>', now)
    .orderBy('issued_at')
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(commandOf)
}

/** Commands that wait though their time is over. */
export async function listExpired(sql: Sql, now: string): Promise<StoredCommand[]> {
  const rows = await tables(sql)
    .selectFrom('commands')
    .selectAll()
    .where('state', '=', 'waiting')
    .where('expires_at', '<=', now)
    .limit(1000)
    .execute()
  return rows.map(commandOf)
}

/** Every command of an agent that waits. */
export async function listOfAgent(sql: Sql, agentId: string): Promise<StoredCommand[]> {
  const query = tables(sql).selectFrom('commands').selectAll().where('state', '=', 'waiting')
  return (await query.where('agent_id', '=', agentId).execute()).map(commandOf)
}

export async function findCommand(sql: Sql, id: string): Promise<StoredCommand | undefined> {
  const row = await tables(sql).selectFrom('commands').selectAll().where('id', '=', id).executeTakeFirst()
  return row && commandOf(row)
}

/** Ends a command that waits; false when it was over already. */
export async function settle(
  sql: Sql,
  id: string,
  state: Exclude<CommandState, 'waiting'>,
  failure: string | null,
): Promise<boolean> {
  const result = await tables(sql)
    .updateTable('commands')
    .set({ state, failure })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Ends the commands about a scan or detection that still wait. */
export async function withdrawSubject(sql: Sql, subject: string): Promise<void> {
  const query = tables(sql)
    .updateTable('commands')
    .set({ state: 'withdrawn' as const })
  await query.where('subject', '=', subject).where('state', '=', 'waiting').execute()
}

function commandOf(row: Selectable<CommandsTable>): StoredCommand {
  return {
    id: row.id,
    agentId: row.agent_id,
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
    order: CommandOrder.parse(JSON.parse(row.command_order)),
    state: row.state,
  }
}
