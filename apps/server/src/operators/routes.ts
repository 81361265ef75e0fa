/** What operators ask of their slice over HTTP, and the session's cookie. No rule stands here. */
import { operatorEndpoints, sessionCookie } from '@coreward/contracts'
import { serialize } from 'hono/utils/cookie'
import { openRoute, operatorRoute, type Route } from '../http/route.ts'
import type { Operators } from './operators.ts'

const cookie = (secret: string, secure: boolean, maxAge?: number) =>
  serialize(sessionCookie, secret, {
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    secure,
    ...(maxAge === undefined ? {} : { maxAge }),
  })

export const operatorRoutes = (operators: Operators): readonly Route[] => [
  openRoute(operatorEndpoints.readSetup, async () => ({ needed: await operators.setupNeeded() })),
  openRoute(operatorEndpoints.completeSetup, async ({ body, connection, headers }) => {
    const { session, secret } = await operators.completeSetup(body)
    headers.set('set-cookie', cookie(secret, connection.secure))
    return session
  }),
  openRoute(operatorEndpoints.signIn, async ({ body, connection, headers }) => {
    const { session, secret } = await operators.signIn(body, connection.address)
    headers.set('set-cookie', cookie(secret, connection.secure))
    return session
  }),
  operatorRoute(operatorEndpoints.readSession, ({ operator }) => operators.describe(operator)),
  operatorRoute(operatorEndpoints.signOut, async ({ operator, connection, headers }) => {
    await operators.signOut(operator)
    headers.set('set-cookie', cookie('', connection.secure, 0))
    return undefined
  }),
]
