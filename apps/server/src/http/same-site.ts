/**
 * Refuses requests that another site made a browser send. The session cookie is SameSite=Strict already; this is the second
 * lock (OWASP CSRF prevention: Fetch Metadata first, Origin where a browser does not send it).
 */
import { ServerError } from '../server-error.ts'

/**
 * Throws `request.cross-site` when a browser says that the request comes from elsewhere. A caller that sends neither header is
 * no browser, and so carries nobody's cookies but its own.
 */
export function refuseCrossSite(request: Request): void {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null && site !== 'same-origin' && site !== 'none') throw crossSite()
  const origin = request.headers.get('origin')
  if (origin === null) return
  const host = request.headers.get('host') ?? new URL(request.url).host
  if (!URL.canParse(origin) || new URL(origin).host !== host) throw crossSite()
}

function crossSite(): ServerError {
  return new ServerError('request.cross-site', 'Open the console at its own address and try again.')
}
