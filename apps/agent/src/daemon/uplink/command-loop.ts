/**
 * Fetches commands with a request that waits, has each carried out at most once, and answers with what came of it.
 * Flow: fetch → expired? → enter in the ledger → carry out → outcome into the ledger → answer. A kill at any point leaves
 * either nothing done, or an entry that says it was begun; the command is then answered, never begun again.
 */
import { type Command, type CommandOrder, type CommandOutcome, endpoints } from '@coreward/contracts'
import type { Spool } from '../spool/spool.ts'
import { Bell, backOff } from './bell.ts'
import type { Session } from './session.ts'

/** Seconds the server may let the request wait. */
const WAIT_SECONDS = 25

export interface CommandDuties {
  /** Does what a command says. Failures are outcomes. */
  readonly carryOut: (order: CommandOrder) => Promise<CommandOutcome>
  readonly onPolicyVersion: (version: number) => void
}

/** Runs until the session ends. */
export async function runCommandLoop(session: Session, spool: Spool, duties: CommandDuties): Promise<void> {
  const underWay = new Set<string>()
  const bell = new Bell()
  let failures = 0
  while (!session.signal.aborted) {
    try {
      const { commands, policyVersion } = await session.call(
        endpoints.fetchCommands,
        { query: { wait: WAIT_SECONDS } },
        { timeout: (WAIT_SECONDS + 15) * 1000 },
      )
      failures = 0
      duties.onPolicyVersion(policyVersion)
      const fresh = commands.filter((command) => !underWay.has(command.id))
      for (const command of fresh) {
        underWay.add(command.id)
        handle(session, spool, duties, command)
          .catch((error: unknown) =>
            session.log.warn({ err: error, command: command.id }, 'command not answered'),
          )
          .finally(() => {
            underWay.delete(command.id)
            bell.ring()
          })
      }
      // What is under way is handed out again at once; asking on and on would be a busy loop.
      if (underWay.size > 0) await bell.wait(1000, session.signal)
    } catch (error) {
      failures += 1
      session.log.debug({ err: error }, 'commands not fetched')
      await bell.wait(backOff(failures), session.signal)
    }
  }
}

async function handle(
  session: Session,
  spool: Spool,
  duties: CommandDuties,
  command: Command,
): Promise<void> {
  const outcome = await outcomeOf(session, spool, duties, command)
  await session.call(endpoints.answerCommand, { params: { commandId: command.id }, body: outcome })
}

async function outcomeOf(
  session: Session,
  spool: Spool,
  duties: CommandDuties,
  command: Command,
): Promise<CommandOutcome> {
  const now = Date.now() + session.serverClock
  const entry = spool.commands.begin(command.id, command.expiresAt)
  if (entry.state === 'known') {
    return (
      entry.outcome ?? {
        outcome: 'failed',
        failure: 'The agent was stopped while it carried this out; see what became of it, then ask again.',
      }
    )
  }
  const outcome: CommandOutcome =
    Date.parse(command.expiresAt) < now
      ? { outcome: 'failed', failure: `The command had expired at ${command.expiresAt} when it arrived.` }
      : await duties.carryOut(command.order)
  spool.commands.end(command.id, outcome)
  return outcome
}
