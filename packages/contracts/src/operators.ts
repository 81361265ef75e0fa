/**
 * Operators: the people at the console. The first one is made with a one-time link; a session is an HttpOnly cookie.
 */
import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Timestamp } from './primitive.ts'

const Username = z.string().regex(/^[\w.@-]{1,64}$/)

/** At least 12 characters (NIST SP 800-63B asks for length, not for kinds of characters). */
export const Password = z.string().min(12).max(256)

/** Who is signed in. */
export const Session = z
  .object({ username: z.string(), expiresAt: Timestamp, serverVersion: z.string() })
  .meta({ id: 'Session' })
export type Session = z.infer<typeof Session>

/** The name of the session cookie. */
export const sessionCookie = 'coreward_session'

export const operatorEndpoints = {
  readSetup: endpoint({
    method: 'GET',
    path: '/api/v1/setup',
    tag: 'operators',
    summary: 'Whether the first administrator has still to be made',
    credential: 'none',
    response: z.object({ needed: z.boolean() }),
    problems: [],
  }),
  completeSetup: endpoint({
    method: 'POST',
    path: '/api/v1/setup',
    tag: 'operators',
    summary: 'Make the first administrator with the one-time link’s token, and sign in',
    credential: 'none',
    body: z.object({ token: z.string().max(200), username: Username, password: Password }),
    response: Session,
    problems: ['setup.done', 'setup.token-wrong'],
  }),
  signIn: endpoint({
    method: 'POST',
    path: '/api/v1/session',
    tag: 'operators',
    summary: 'Sign in',
    credential: 'none',
    body: z.object({ username: z.string().max(64), password: z.string().max(256) }),
    response: Session,
    problems: ['credential.wrong', 'credential.too-many-attempts'],
  }),
  readSession: endpoint({
    method: 'GET',
    path: '/api/v1/session',
    tag: 'operators',
    summary: 'Who is signed in',
    credential: 'operator',
    response: Session,
    problems: [],
  }),
  signOut: endpoint({
    method: 'DELETE',
    path: '/api/v1/session',
    tag: 'operators',
    summary: 'Sign out',
    credential: 'operator',
    problems: [],
  }),
}
