/**
 * Operators: the people at the console. The first is made with a link that only who started the server has seen; each has
 * sessions, which are a secret in a cookie and a hash here. Guessing is slowed by address and by user name.
 */
import type { Session } from '@coreward/contracts'
import { createSecret, hashSecret, secretMatches } from '@coreward/trust'
import type { MakeChange } from '../database/change.ts'
import type { Sql } from '../database/sql.ts'
import type { OperatorCaller } from '../http/route.ts'
import { hashPassword, verifyPassword } from '../passwords/passwords.ts'
import { ServerError } from '../server-error.ts'
import * as store from './store.ts'

export interface OperatorsNeeds {
  readonly sql: Sql
  readonly change: MakeChange
  readonly serverVersion: string
  readonly now?: () => Date
}

/** A session that has just begun. `secret` goes into the cookie and nowhere else. */
export interface NewSession {
  readonly session: Session
  readonly secret: string
}

export type Operators = ReturnType<typeof createOperators>

const sessionMilliseconds = 12 * 3_600_000
const setupMilliseconds = 24 * 3_600_000
/** A session is prolonged at most once in this time, so that not every request writes. */
const extendMilliseconds = 60_000
/** Failed attempts allowed within the window: a person who mistypes stays far below, a guesser gets nowhere. */
const attempts = { windowMilliseconds: 15 * 60_000, forUser: 10, forAddress: 30 }
const mostRemembered = 10_000

/** The rules for operators. */
export function createOperators(needs: OperatorsNeeds) {
  const now = needs.now ?? (() => new Date())
  const failures = new Map<string, { count: number; until: number }>()

  const refuseGuessing = (keys: readonly (readonly [string, number])[]) => {
    for (const [key, most] of keys) {
      const entry = failures.get(key)
      if (entry === undefined || entry.until <= now().getTime()) continue
      if (entry.count >= most)
        throw new ServerError(
          'credential.too-many-attempts',
          `Too many wrong attempts; try again at ${new Date(entry.until).toISOString()}.`,
        )
    }
  }
  const noteFailure = (keys: readonly (readonly [string, number])[]) => {
    for (const [key] of keys) {
      const entry = failures.get(key)
      const fresh = entry === undefined || entry.until <= now().getTime()
      failures.delete(key)
      failures.set(
        key,
        fresh
          ? { count: 1, until: now().getTime() + attempts.windowMilliseconds }
          : { ...entry, count: entry.count + 1 },
      )
    }
    // Oldest first: a flood of made-up names must not fill our memory.
    for (const key of failures.keys()) {
      if (failures.size <= mostRemembered) break
      failures.delete(key)
    }
  }

  const begin = async (sql: Sql, username: string): Promise<NewSession> => {
    const secret = createSecret()
    const at = now()
    const expiresAt = new Date(at.getTime() + sessionMilliseconds).toISOString()
    await store.insertSession(sql, { secretHash: hashSecret(secret), username, expiresAt }, at.toISOString())
    return { session: { username, expiresAt, serverVersion: needs.serverVersion }, secret }
  }

  return {
    /** Whether the first administrator has still to be made. */
    setupNeeded: async () => (await store.countOperators(needs.sql)) === 0,

    /** A new set-up secret, good for 24 hours and once; undefined when there is an operator already. */
    async offerSetup(): Promise<string | undefined> {
      return needs.change(async ({ sql }) => {
        if ((await store.countOperators(sql)) > 0) return undefined
        const secret = createSecret()
        const expiresAt = new Date(now().getTime() + setupMilliseconds).toISOString()
        await store.replaceSetup(sql, hashSecret(secret), expiresAt)
        return secret
      })
    },

    /** Makes the first administrator and signs them in. Throws `setup.done` or `setup.token-wrong`. */
    async completeSetup(request: { token: string; username: string; password: string }): Promise<NewSession> {
      const check = async (sql: Sql) => {
        if ((await store.countOperators(sql)) > 0)
          throw new ServerError('setup.done', 'There is an administrator already; sign in instead.')
        const setup = await store.findSetup(sql)
        if (
          setup === undefined ||
          setup.expiresAt <= now().toISOString() ||
          !secretMatches(request.token, setup.secretHash)
        )
          throw new ServerError(
            'setup.token-wrong',
            'The set-up link is not valid, or older than 24 hours. Start the server again; it prints a new one.',
          )
      }
      // Before the hash, so that whoever has no token cannot make us compute; and again inside, because two may try at once.
      await check(needs.sql)
      const passwordHash = await hashPassword(request.password)
      return needs.change(async ({ sql }) => {
        await check(sql)
        const { username } = request
        await store.insertOperator(sql, { username, passwordHash, createdAt: now().toISOString() })
        await store.deleteSetup(sql)
        return begin(sql, username)
      })
    },

    /** Signs an operator in. Throws `credential.wrong` or `credential.too-many-attempts`. */
    async signIn(request: { username: string; password: string }, address: string): Promise<NewSession> {
      const keys = [
        [`user ${request.username}`, attempts.forUser],
        [`address ${address}`, attempts.forAddress],
      ] as const
      refuseGuessing(keys)
      // Counted before the hash is computed: attempts made at the same time count each other.
      noteFailure(keys)
      const hash = await store.findPasswordHash(needs.sql, request.username)
      if (!(await verifyPassword(request.password, hash)))
        throw new ServerError('credential.wrong', 'Check the user name and the password, and try again.')
      for (const [key] of keys) failures.delete(key)
      return needs.change(async ({ sql }) => {
        await store.deleteExpiredSessions(sql, now().toISOString())
        return begin(sql, request.username)
      })
    },

    /** The operator whose session this is, and prolongs it. Throws `credential.missing`. */
    async authenticate(secret: string | undefined): Promise<OperatorCaller> {
      const missing = () => new ServerError('credential.missing', 'Sign in to the console.')
      if (secret === undefined || secret.length > 200) throw missing()
      const session = await store.findSession(needs.sql, hashSecret(secret))
      const at = now().getTime()
      if (session === undefined || session.expiresAt <= new Date(at).toISOString()) throw missing()
      const expiresAt = new Date(at + sessionMilliseconds).toISOString()
      if (at + sessionMilliseconds - Date.parse(session.expiresAt) < extendMilliseconds)
        return { username: session.username, expiresAt: session.expiresAt, sessionHash: session.secretHash }
      await needs.change(({ sql }) => store.extendSession(sql, session.secretHash, expiresAt))
      return { username: session.username, expiresAt, sessionHash: session.secretHash }
    },

    /** What a signed-in operator is told of the session. */
    describe: ({ username, expiresAt }: OperatorCaller): Session => ({
      username,
      expiresAt,
      serverVersion: needs.serverVersion,
    }),

    /** Ends a session. */
    signOut: (caller: OperatorCaller) =>
      needs.change(({ sql }) => store.deleteSession(sql, caller.sessionHash)),
  }
}
