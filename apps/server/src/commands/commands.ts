/**
 * Commands to agents. A command is handed out until it is answered or its time is over; the agent carries it out once, by its
 * id. Agents wait for the next one with a request that stays open, and are woken when something is there for them.
 */
import { randomUUID } from 'node:crypto'
import type { Answer, Command, CommandOrder, CommandOutcome, commandEndpoints } from '@coreward/contracts'
import type { Change, MakeChange } from '../database/change.ts'
import type { Sql } from '../database/sql.ts'
import { ServerError } from '../server-error.ts'
import * as store from './store.ts'

export interface CommandsNeeds {
  readonly sql: Sql
  readonly change: MakeChange
  readonly policyVersion: () => number
  /** Tells the slice that asked for it what became of a command, in the same transaction. */
  readonly onOutcome: (
    change: Change,
    agentId: string,
    order: CommandOrder,
    outcome: CommandOutcome,
  ) => Promise<void>
  readonly now?: () => Date
}

export type Commands = ReturnType<typeof createCommands>

/** An agent that has not answered within this is not there; the operator is told so instead of waiting on. */
const lifeMilliseconds = 10 * 60_000
const mostAtOnce = 100
/** A command that was handed out and is still unanswered is handed out again after this: the first answer may be lost. */
const againMilliseconds = 15_000

/** The rules for commands. */
export function createCommands(needs: CommandsNeeds) {
  const now = needs.now ?? (() => new Date())
  const waiting = new Map<string, Set<() => void>>()
  const handedOut = new Map<string, number>()

  const wake = (agentId: string) => {
    for (const waiter of waiting.get(agentId) ?? []) waiter()
  }

  /** Resolves when the agent is woken, when `milliseconds` are over, or when `signal` is aborted. */
  const wait = (agentId: string, milliseconds: number, signal: AbortSignal): Promise<void> =>
    new Promise((done) => {
      const waiters = waiting.get(agentId) ?? new Set()
      const finish = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', finish)
        waiters.delete(finish)
        if (waiters.size === 0) waiting.delete(agentId)
        done()
      }
      const timer = setTimeout(finish, milliseconds)
      signal.addEventListener('abort', finish)
      waiters.add(finish)
      waiting.set(agentId, waiters)
      if (signal.aborted) finish()
    })

  const take = async (agentId: string): Promise<Command[]> => {
    const time = now().getTime()
    const found = await store.listWaiting(needs.sql, agentId, now().toISOString(), mostAtOnce)
    const due = found.filter(({ id }) => (handedOut.get(id) ?? 0) <= time - againMilliseconds)
    for (const { id } of due) handedOut.set(id, time)
    return due.map(({ id, issuedAt, expiresAt, order }) => ({ id, issuedAt, expiresAt, order }))
  }

  const end = async (
    change: Change,
    command: store.StoredCommand,
    state: 'accepted' | 'done' | 'failed' | 'expired',
    outcome: CommandOutcome,
  ) => {
    handedOut.delete(command.id)
    if (!(await store.settle(change.sql, command.id, state, outcome.failure ?? null))) return
    await needs.onOutcome(change, command.agentId, command.order, outcome)
  }

  return {
    /** Asks something of an agent, within the change that records why. The caller has checked that the agent is enrolled. */
    async issue(change: Change, agentId: string, order: CommandOrder): Promise<void> {
      const at = now().getTime()
      await store.insertCommand(change.sql, {
        id: randomUUID(),
        agentId,
        order,
        subject: 'scanId' in order ? order.scanId : order.detectionId,
        issuedAt: new Date(at).toISOString(),
        expiresAt: new Date(at + lifeMilliseconds).toISOString(),
      })
      change.afterwards(() => wake(agentId))
    },

    /** Takes back what was asked about a scan or detection and has not been answered. */
    withdraw: (change: Change, subject: string) => store.withdrawSubject(change.sql, subject),

    /** What there is to do for an agent; when there is nothing, waits up to `waitSeconds` until there is or it is woken. */
    async fetch(
      agentId: string,
      waitSeconds: number,
      signal: AbortSignal,
    ): Promise<Answer<typeof commandEndpoints.fetchCommands>> {
      // Listening starts before looking, so that what comes in between is not missed.
      const stop = new AbortController()
      const woken = wait(agentId, waitSeconds * 1000, AbortSignal.any([signal, stop.signal]))
      try {
        const commands = await take(agentId)
        if (commands.length > 0 || waitSeconds === 0)
          return { commands, policyVersion: needs.policyVersion() }
        await woken
        return { commands: signal.aborted ? [] : await take(agentId), policyVersion: needs.policyVersion() }
      } finally {
        stop.abort()
      }
    },

    /** Ends a command. Answering one again changes nothing. Throws `command.unknown` when the agent was never asked. */
    async answer(agentId: string, commandId: string, outcome: CommandOutcome): Promise<void> {
      await needs.change(async (change) => {
        const command = await store.findCommand(change.sql, commandId)
        if (command === undefined || command.agentId !== agentId)
          throw new ServerError('command.unknown', `This agent was not given a command ${commandId}.`)
        await end(change, command, outcome.outcome, outcome)
      })
    },

    /** Ends the commands whose time is over, each with a failure that says so. */
    async expire(): Promise<void> {
      // Commands that were withdrawn after they had been handed out are not answered, and would stay.
      for (const [id, at] of handedOut) if (at <= now().getTime() - lifeMilliseconds) handedOut.delete(id)
      const expired = await store.listExpired(needs.sql, now().toISOString())
      if (expired.length === 0) return
      await needs.change(async (change) => {
        for (const command of expired)
          await end(change, command, 'expired', {
            outcome: 'failed',
            failure: `The agent did not answer within ${lifeMilliseconds / 60_000} minutes. Check that the host is on and reaches the server.`,
          })
      })
    },

    /** Ends every command of an agent that was revoked. */
    async refuse(change: Change, agentId: string): Promise<void> {
      for (const command of await store.listOfAgent(change.sql, agentId))
        await end(change, command, 'failed', { outcome: 'failed', failure: 'The agent was revoked.' })
      change.afterwards(() => wake(agentId))
    },

    /** Lets every agent that waits come back at once: a new policy is in its answer. */
    wakeAll(): void {
      for (const agentId of [...waiting.keys()]) wake(agentId)
    },
  }
}
