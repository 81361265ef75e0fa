/**
 * Joins the slices into one server: which hands what to which, and two applications on top, one for each listener. It opens no
 * socket, reads no file and decides nothing; main.ts gives it what it needs and runs it.
 */
import type { CommandOrder, CommandOutcome } from '@coreward/contracts'
import { Hono } from 'hono'
import type { Logger } from 'pino'
import { createAgents } from './agents/agents.ts'
import { agentRoutes } from './agents/routes.ts'
import { createCommands } from './commands/commands.ts'
import { commandRoutes } from './commands/routes.ts'
import { type Change, changing } from './database/change.ts'
import type { Sql } from './database/sql.ts'
import { createDefinitions } from './definitions/definitions.ts'
import { definitionsRoutes } from './definitions/routes.ts'
import { createDetections } from './detections/detections.ts'
import { detectionRoutes } from './detections/routes.ts'
import { createEnrollment } from './enrollment/enrollment.ts'
import { enrollmentRoutes } from './enrollment/routes.ts'
import { createEvents } from './events/events.ts'
import { eventRoutes } from './events/routes.ts'
import type { HttpEnvironment } from './http/connection.ts'
import { type Assets, findAsset } from './http/console-assets.ts'
import { type Doors, mountRoutes } from './http/mount.ts'
import { openApiDocument } from './http/openapi.ts'
import { problemResponse } from './http/problem-response.ts'
import type { Route } from './http/route.ts'
import { securityHeaders } from './http/security-headers.ts'
import type { Keys } from './keys/keys.ts'
import { createLive } from './live/live.ts'
import { liveRoutes } from './live/routes.ts'
import { createOperators } from './operators/operators.ts'
import { operatorRoutes } from './operators/routes.ts'
import { createPolicies } from './policies/policies.ts'
import { policyRoutes } from './policies/routes.ts'
import { scanRoutes } from './scans/routes.ts'
import { createScans } from './scans/scans.ts'
import { ServerError } from './server-error.ts'
import type { Repository } from './updates/updates.ts'

export interface ServerNeeds {
  readonly sql: Sql
  readonly keys: Keys
  readonly logger: Logger
  readonly version: string
  readonly repository: Repository
  readonly agentUrl: () => string
  /** The console's files; empty when the console is served by something else. */
  readonly assets: Assets
  /** Ends whatever waits or streams. */
  readonly stopping: AbortSignal
  readonly now?: () => Date
}

/** A server that is put together and listens nowhere yet. */
export type Server = Awaited<ReturnType<typeof createServer>>

/** Puts the slices together. */
export async function createServer(needs: ServerNeeds) {
  const { sql, keys, stopping } = needs
  const clock = needs.now === undefined ? {} : { now: needs.now }
  const live = createLive({ stopping, ...clock })
  const change = changing(sql, live.publish)
  const base = { sql, change, ...clock }

  // Slices that know of each other in a circle do so through these functions, which are called only when all of them stand.
  const settle = (made: Change, _agentId: string, order: CommandOrder, outcome: CommandOutcome) =>
    order.kind === 'scan' || order.kind === 'cancel-scan'
      ? scans.settle(made, order, outcome)
      : detections.settle(made, order, outcome)

  const policies = await createPolicies({
    ...base,
    fleetId: keys.fleetId,
    documentKey: keys.documentKey,
    countAgents: (version) => agents.countPolicy(version),
    onDeploy: () => commands.wakeAll(),
  })
  const definitions = await createDefinitions({
    ...base,
    fleetId: keys.fleetId,
    documentKey: keys.documentKey,
    repository: needs.repository,
    countAgents: () => agents.countDefinitions(),
  })
  const commands = createCommands({ ...base, policyVersion: policies.version, onOutcome: settle })
  const agents = createAgents({
    ...base,
    inForce: () => ({
      policyVersion: policies.version(),
      heartbeatSeconds: policies.settings().reporting.heartbeatSeconds,
      definitionsVersion: definitions.version(),
    }),
    assign: definitions.assign,
    onRevoke: async (made, agentId) => {
      await commands.refuse(made, agentId)
      await scans.abandon(made, agentId)
    },
    tell: (agentId) => live.publish({ kind: 'agent', agentId }),
  })
  const scans = createScans({
    ...base,
    agents,
    commands,
    tellProgress: (agentId, progress) => live.publish({ kind: 'scan-progress', agentId, progress }),
  })
  const detections = createDetections({ ...base, agents, commands })
  const events = createEvents({ ...base, agents, detections, scans })
  const { repository, agentUrl } = needs
  const enrollment = createEnrollment({ ...base, keys, agents, updatesRoot: repository.root, agentUrl })
  const operators = createOperators({ ...base, serverVersion: needs.version })

  const countable = { agents: agents.count, detections: detections.count, scans: scans.count }
  const routes: readonly Route[] = [
    ...agentRoutes(agents),
    ...commandRoutes(commands),
    ...definitionsRoutes(definitions),
    ...detectionRoutes(detections),
    ...enrollmentRoutes(enrollment),
    ...eventRoutes(events),
    ...liveRoutes(live, countable, needs.version),
    ...operatorRoutes(operators),
    ...policyRoutes(policies),
    ...scanRoutes(scans),
  ]
  const doors: Doors = { agent: enrollment.authenticate, operator: operators.authenticate }

  const agentApp = application(needs.logger)
  mountRoutes(agentApp, { routes, prefix: '/agent/', doors, stopping })
  const consoleApp = application(needs.logger)
  mountRoutes(consoleApp, { routes, prefix: '/api/', doors, stopping })
  const openApi = openApiDocument(needs.version)
  consoleApp.get('/api/openapi.json', (context) => context.json(openApi))
  serveConsole(consoleApp, needs.assets)

  return {
    /** For the agents' listener: only what begins with /agent/. */
    agentApp,
    /** For the console's listener: the API and the console's files. */
    consoleApp,
    /** The routes that are mounted, for tests that walk over them. */
    routes,
    definitions,
    operators,
    /** What has to be looked at now and then: commands and hosts that have fallen silent. */
    async tick(): Promise<void> {
      await commands.expire()
      agents.noticeSilence()
    },
  }
}

function application(logger: Logger): Hono<HttpEnvironment> {
  const app = new Hono<HttpEnvironment>()
  app.use(securityHeaders)
  app.onError((error, context) => problemResponse(error, context, logger))
  app.notFound((context) =>
    problemResponse(
      new ServerError(
        'route.unknown',
        `There is nothing at ${context.req.method} ${context.req.path}; the console’s /api/openapi.json lists what there is.`,
      ),
      context,
      logger,
    ),
  )
  return app
}

function serveConsole(app: Hono<HttpEnvironment>, assets: Assets): void {
  app.get('*', async (context, next) => {
    const path = context.req.path
    const asset = path.startsWith('/api/') || path.startsWith('/agent/') ? undefined : findAsset(assets, path)
    if (asset === undefined) return next()
    const headers = {
      etag: asset.etag,
      'cache-control': asset.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    }
    if (context.req.header('if-none-match') === asset.etag) return context.body(null, 304, headers)
    return context.body(asset.content, 200, { ...headers, 'content-type': asset.mediaType })
  })
}
