/**
 * Runs the server: load everything → keys, database → definitions compiled → sockets → privileges given up → definitions
 * published → ready. What needs the checkout's code or files, or a privilege, happens before the drop; nothing is loaded after it.
 */
import { readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import type { Logger } from 'pino'
import { createServer, type Server } from './app.ts'
import type { ServeOptions } from './command-line.ts'
import { type ConsoleTls, consoleTlsOf } from './console-tls.ts'
import { openDatabase } from './database/open.ts'
import { lockFolder } from './folder-lock.ts'
import { type Assets, readAssets } from './http/console-assets.ts'
import { type Listener, listen } from './http/listener.ts'
import { type Keys, openKeys, serverCertificate } from './keys/keys.ts'
import { dropPrivileges, prepareFolder } from './privileges.ts'
import { definitionsSource } from './sources/sources.ts'
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

/** Starts the server. Throws a ServerError with one of the start codes when it cannot. */
export async function serve(options: ServeOptions, version: string, logger: Logger): Promise<Serving> {
  const folder = join(options.dataFolder, 'server')
  const consoleTls = consoleTlsOf(options)
  const assets = options.consoleAssets === undefined ? new Map() : readAssets(options.consoleAssets)
  prepareFolder(folder, undefined)
  const unlock = lockFolder(folder)
  try {
    return await serveFrom(folder, { options, version, logger, consoleTls, assets, unlock })
  } catch (error) {
    unlock()
    throw error
  }
}

async function serveFrom(
  folder: string,
  given: {
    readonly options: ServeOptions
    readonly version: string
    readonly logger: Logger
    readonly consoleTls: ConsoleTls | undefined
    readonly assets: Assets
    readonly unlock: () => void
  },
): Promise<Serving> {
  const { options, version, logger, consoleTls, assets, unlock } = given
  const repository = openRepository(folder)
  const keys = await openKeys(folder)
  const sql = openDatabase(join(folder, 'coreward.sqlite'))
  const stopping = new AbortController()
  let agentUrl = ''
  const listeners: Listener[] = []
  const onFailure = (error: Error) => logger.error({ err: error }, 'a listener failed')
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
    const output = join(folder, 'compiled.definitions')
    const source = await definitionsSource({
      folder: options.signatures,
      output,
      formerSets: { file: join(folder, 'former-sets'), program: version },
      onProgress: (lines) => logger.info({ lines }, 'compiling definitions'),
    })
    const compiled = await server.definitions.prepare(source).catch((error: unknown) => {
      // Hosts have a set that works: one that does not is no reason to leave them without a server.
      if (server.definitions.version() === undefined) throw error
      logger.error({ err: error }, 'new definitions are not published, the last ones stay in force')
      return undefined
    })
    const agents = await listenForAgents(server, options, { folder, keys, onFailure })
    listeners.push(agents.listener)
    const consoles = await listen(server.consoleApp, {
      name: 'The console',
      option: '--console-port',
      host: options.consoleHost,
      port: options.consolePort,
      onFailure,
      ...(consoleTls === undefined ? {} : { tls: consoleTls }),
    })
    listeners.push(consoles)
    agentUrl = `https://${addressFor(options.publicNames[0] ?? options.agentHost)}:${agents.listener.port}`
    const consoleUrl = `${consoleTls === undefined ? 'http' : 'https'}://${addressFor(options.consoleHost)}:${consoles.port}`
    prepareFolder(folder, options.user)
    dropPrivileges(options.user, folder)
    await repository.refresh()
    if (compiled !== undefined) await server.definitions.publish(source, compiled)
    await removeOutput(folder, output)
    const regularly = (work: () => Promise<void>, milliseconds: number) =>
      setInterval(
        () => work().catch((error) => logger.error({ err: error }, 'regular work failed')),
        milliseconds,
      )
    const timers = [
      regularly(server.tick, tickMilliseconds),
      regularly(() => repository.refresh(), refreshMilliseconds),
      regularly(agents.renew, refreshMilliseconds),
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
        unlock()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The agents' listener, and what renews its certificate before that ends. */
async function listenForAgents(
  server: Server,
  options: ServeOptions,
  own: { folder: string; keys: Keys; onFailure: (error: Error) => void },
): Promise<{ listener: Listener; renew: () => Promise<void> }> {
  const { folder, keys, onFailure } = own
  const given = [...options.publicNames, options.agentHost].filter((name) => !isWildcard(name))
  const names = [...given, hostname(), 'localhost', '127.0.0.1', '::1']
  const tlsOf = async () => {
    const certificate = await serverCertificate(folder, keys, names)
    return {
      cert: certificate.certificatePem,
      key: certificate.privateKeyPem,
      ca: keys.authority.certificatePem,
      requestCert: true,
      // Enrolment comes without a certificate; every other endpoint asks for one itself.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3' as const,
    }
  }
  let tls = await tlsOf()
  const listener = await listen(server.agentApp, {
    name: 'The agents’ listener',
    option: '--agent-port',
    host: options.agentHost,
    port: options.agentPort,
    tls,
    onFailure,
  })
  const renew = async () => {
    const fresh = await tlsOf()
    if (fresh.cert === tls.cert) return
    tls = fresh
    listener.setTls(tls)
  }
  return { listener, renew }
}

const isWildcard = (host: string) => host === '0.0.0.0' || host === '::'

/** What to put into an address for a host that was listened on. */
function addressFor(host: string): string {
  if (isWildcard(host)) return hostname()
  return host.includes(':') ? `[${host}]` : host
}

/** Removes what was compiled: it has been published, or will not be. */
async function removeOutput(folder: string, output: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(basename(output))) await rm(join(folder, name), { force: true })
  }
}
