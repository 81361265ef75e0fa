/**
 * Runs the server: load everything → keys, database → definitions compiled → sockets → privileges given up → definitions
 * published → ready. What needs the checkout's code or files, or a privilege, happens before the drop; nothing is loaded after it.
 */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { createServer, type Server } from './app.ts'
import type { ServeOptions } from './command-line.ts'
import { openDatabase } from './database/open.ts'
import { readAssets } from './http/console-assets.ts'
import { type Listener, listen } from './http/listener.ts'
import { type Keys, openKeys, serverCertificate } from './keys/keys.ts'
import { dropPrivileges, prepareFolder } from './privileges.ts'
import { ServerError } from './server-error.ts'
import { builtinSource } from './sources/sources.ts'
import { openRepository } from './updates/updates.ts'

/** What is told on standard output when the server is ready. */
export interface Ready {
  readonly ready: true
  readonly version: string
  readonly consoleUrl: string
  readonly agentUrl: string
  readonly authoritySha256: string
  readonly definitionsVersion: string | null
  readonly setupUrl?: string
}

/** A server that runs. */
export interface Serving {
  readonly ready: Ready
  /** Ends it: streams at once, requests in flight within two seconds. */
  readonly stop: () => Promise<void>
}

const tickMilliseconds = 5_000
const refreshMilliseconds = 3_600_000
const drainMilliseconds = 2_000
const loopback = /^(?:127\.|::1$|localhost$)/

/** Starts the server. Throws a ServerError with one of the start codes when it cannot. */
export async function serve(options: ServeOptions, version: string, logger: Logger): Promise<Serving> {
  const folder = join(options.dataFolder, 'server')
  const consoleTls = consoleTlsOf(options)
  const assets = options.consoleAssets === undefined ? new Map() : readAssets(options.consoleAssets)
  prepareFolder(folder, undefined)
  const repository = openRepository(folder)
  const keys = await openKeys(folder)
  const sql = openDatabase(join(folder, 'coreward.sqlite'))
  const stopping = new AbortController()
  let agentUrl = ''
  const listeners: Listener[] = []
  const close = async () => {
    stopping.abort()
    await Promise.all(listeners.map((listener) => listener.close(drainMilliseconds)))
    await sql.destroy()
  }
  try {
    const server = await createServer({
      sql,
      keys,
      logger,
      version,
      repository,
      agentUrl: () => agentUrl,
      assets,
      stopping: stopping.signal,
    })
    const source = builtinSource()
    const compiled = await server.definitions.prepare(source)
    const agents = await listenForAgents(server, options, folder, keys)
    listeners.push(agents)
    const consoles = await listen(server.consoleApp, {
      name: 'The console',
      option: '--console-port',
      host: options.consoleHost,
      port: options.consolePort,
      ...(consoleTls === undefined ? {} : { tls: consoleTls }),
    })
    listeners.push(consoles)
    agentUrl = `https://${addressFor(options.publicNames[0] ?? options.agentHost)}:${agents.port}`
    const consoleUrl = `${consoleTls === undefined ? 'http' : 'https'}://${addressFor(options.consoleHost)}:${consoles.port}`
    prepareFolder(folder, options.user)
    dropPrivileges(options.user, folder)
    await repository.refresh()
    if (compiled !== undefined) await server.definitions.publish(source, compiled)
    const regularly = (work: () => Promise<void>, milliseconds: number) =>
      setInterval(
        () => work().catch((error) => logger.error({ err: error }, 'regular work failed')),
        milliseconds,
      )
    const timers = [
      regularly(server.tick, tickMilliseconds),
      regularly(() => repository.refresh(), refreshMilliseconds),
    ]
    const setup = await server.operators.offerSetup()
    return {
      ready: {
        ready: true,
        version,
        consoleUrl,
        agentUrl,
        authoritySha256: keys.authoritySha256,
        definitionsVersion: server.definitions.version() ?? null,
        ...(setup === undefined ? {} : { setupUrl: `${consoleUrl}/setup#token=${setup}` }),
      },
      stop: async () => {
        for (const timer of timers) clearInterval(timer)
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function listenForAgents(
  server: Server,
  options: ServeOptions,
  folder: string,
  keys: Keys,
): Promise<Listener> {
  const own = [hostname(), 'localhost', '127.0.0.1', '::1']
  const given = [...options.publicNames, options.agentHost].filter((name) => !isWildcard(name))
  const certificate = await serverCertificate(folder, keys, [...given, ...own])
  return listen(server.agentApp, {
    name: 'The agents’ listener',
    option: '--agent-port',
    host: options.agentHost,
    port: options.agentPort,
    tls: {
      cert: certificate.certificatePem,
      key: certificate.privateKeyPem,
      ca: keys.authority.certificatePem,
      requestCert: true,
      // Enrolment comes without a certificate; every other endpoint asks for one itself.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
    },
  })
}

function consoleTlsOf(options: ServeOptions): { cert: Buffer; key: Buffer } | undefined {
  const { consoleCertificate, consoleKey, consoleHost } = options
  if (consoleCertificate !== undefined && consoleKey !== undefined)
    return { cert: read(consoleCertificate), key: read(consoleKey) }
  if (consoleCertificate !== undefined || consoleKey !== undefined)
    throw new ServerError('option-wrong', 'Give --console-certificate and --console-key together.')
  if (!loopback.test(consoleHost))
    throw new ServerError(
      'console-exposed',
      `The console would be open to other hosts at ${consoleHost} without encryption. ` +
        'Give --console-certificate and --console-key, or leave --console-host at 127.0.0.1.',
    )
  return undefined
}

function read(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new ServerError('file-unreadable', `${path} cannot be read: ${(cause as Error).message}.`, {
      cause,
    })
  }
}

const isWildcard = (host: string) => host === '0.0.0.0' || host === '::'

/** What to put into an address for a host that was listened on. */
function addressFor(host: string): string {
  if (isWildcard(host)) return hostname()
  return host.includes(':') ? `[${host}]` : host
}
