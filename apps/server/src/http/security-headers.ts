/**
 * Headers that every answer carries. The console loads nothing from another host and runs no inline script; its component
 * library sets inline styles, which is the one allowance.
 */
import { randomUUID } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { HttpEnvironment } from './connection.ts'

const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Gives each request an id of our own and each answer its security headers. */
export const securityHeaders: MiddlewareHandler<HttpEnvironment> = async (context, next) => {
  context.set('requestId', randomUUID())
  await next()
  const { headers } = context.res
  headers.set('x-request-id', context.get('requestId'))
  headers.set('content-security-policy', contentSecurityPolicy)
  headers.set('x-content-type-options', 'nosniff')
  headers.set('x-frame-options', 'DENY')
  headers.set('referrer-policy', 'no-referrer')
  headers.set('cross-origin-opener-policy', 'same-origin')
  headers.set('cross-origin-resource-policy', 'same-origin')
  if (context.env.connection.secure) headers.set('strict-transport-security', 'max-age=31536000')
}
