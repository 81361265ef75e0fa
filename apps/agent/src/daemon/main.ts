/**
 * The daemon: policy, schedule, spool, uplink, definitions, control. The only place where its duties are joined; each is handed what
 * it needs as functions. Order: load everything → drop privileges → open what is stored → serve. It reads no scanned file, and whatever
 * is wrong with the server or the network stops none of its protection.
 */
import { mkdirSync, writeSync } from 'node:fs'
import { release } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type AgentStatus,
  type CommandOrder,
  type CommandOutcome,
  type EventContent,
  endpoints,
} from '@coreward/contracts'
import { dropPrivileges, openOwnPss, writeDurably } from '@coreward/host'
import { pino } from 'pino'
import { keepCompiledCode } from '../code-cache.ts'
import { endWithLauncher } from '../end-with-launcher.ts'
import { localVerbs } from '../guard/local-verbs.ts'
import { giveBackMemoryWhenIdle } from '../idle-memory.ts'
import { connectGuard } from '../verbs/guard-client.ts'
import { productVersion } from '../version.ts'
import { readConfig, usage } from './config.ts'
import { type ControlHandlers, ControlServer } from './control/control-server.ts'
import { DefinitionsKeeper } from './definitions/definitions-keeper.ts'
import { DefinitionsStore } from './definitions/definitions-store.ts'
import { engineLayout } from './definitions/summary.ts'
import { tufDownload } from './definitions/tuf-download.ts'
import { Health, hostFacts } from './health/health.ts'
import { effectiveSettings } from './policy/effective-settings.ts'
import { PolicyKeeper } from './policy/policy-keeper.ts'
import { DetectionActions } from './scan/detection-actions.ts'
import { FatalFiles } from './scan/fatal-files.ts'
import { KnownClean } from './scan/known-clean.ts'
import { Scans } from './scan/scans.ts'
import { Schedule } from './scan/schedule.ts'
import { Spool } from './spool/spool.ts'
import { Uplink } from './uplink/uplink.ts'

/** How long events may still be delivered after the agent was told to stop, in milliseconds. */
const LAST_DELIVERY = 1_500

const config = (() => {
  try {
    return readConfig(process.argv.slice(2), process.env)
  } catch (error) {
    process.stderr.write(`coreward daemon: ${error instanceof Error ? error.message : error}\n`)
    process.exit(2)
  }
})()
if (config === 'help') {
  process.stdout.write(usage)
  process.exit(0)
}

const { paths } = config
const log = pino(
  { level: config.logLevel, base: { process: 'daemon' } },
  pino.destination({ dest: 2, sync: true }),
)
process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'the daemon ends: an error that nobody foresaw')
  process.exit(1)
})

keepCompiledCode()
const ownPss = openOwnPss()
if (config.user !== undefined) dropPrivileges(config.user.uid, config.user.gid)
process.umask(0o077)
const { daemon } = paths.agent
for (const folder of [daemon.folder, daemon.identity, daemon.policy, daemon.definitions, paths.agent.run]) {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
}

/** Duties may have news before the uplink, which would send it, begins to talk. */
let serving = false

const spool = new Spool(daemon.spool)
if (spool.setAside !== undefined)
  log.error({ setAside: spool.setAside }, 'the spool was damaged; a new one is begun')
const verbs = config.guard ? connectGuard(paths) : await localVerbs(paths)
const agentId = () => uplink.identity?.enrollment.agentId ?? spool.installationId
const settings = () => policy.current.settings

const policy: PolicyKeeper = new PolicyKeeper({
  folder: daemon.policy,
  spool,
  log,
  fetch: async () => (await uplink.session().call(endpoints.fetchPolicy, {})).document,
  onChange: ({ settings: { schedule: times } }) => {
    schedule.apply(times)
    kick()
  },
})

const knownClean = new KnownClean(daemon.knownClean, log)
const definitions: DefinitionsKeeper = new DefinitionsKeeper({
  store: await DefinitionsStore.open(daemon.definitions),
  verbs,
  spool,
  log,
  cleanUnder: () => knownClean.cleanUnder,
  onChange: () => kick(),
})
const ensureDefinitions = () => definitions.ensureLoaded()

const scans: Scans = new Scans({
  verbs,
  spool,
  log,
  paths,
  kernelRelease: release(),
  agentId,
  settings,
  ensureDefinitions,
  knownClean,
  fatalFiles: new FatalFiles(daemon.fatalFiles, log),
  basis: () => ({
    definitions: definitions.active?.sha256 ?? '',
    rest: JSON.stringify([productVersion, engineLayout]),
    additions: () => definitions.additions(),
  }),
  extraQuickPaths: config.quickPaths,
  onProgress: (progress) => uplink.reportProgress(progress),
  onNews: () => kick(),
})
const schedule = new Schedule((kind) => {
  scans
    .start({ kind, paths: [] }, 'schedule')
    .catch((error: unknown) => log.error({ err: error, kind }, 'the scheduled scan did not begin'))
})
const actions = new DetectionActions({
  verbs,
  spool,
  agentId,
  settings,
  ensureDefinitions,
  onNews: () => kick(),
})

const health: Health = new Health({
  verbs,
  spool,
  log,
  hasGuard: config.guard,
  ownPss,
  dataFolder: daemon.folder,
  degradations: config.degradations,
  versions: () => ({
    agent: productVersion,
    node: process.versions.node,
    engineLayout,
    definitions: definitions.active?.version ?? null,
    policy: policy.current.version,
  }),
  findings: () => [...definitions.findings(), ...policy.findings(), ...uplink.findings()],
  onChange: () => kick(),
  onEmptyScanner: () => loadDefinitions(),
})

const uplink: Uplink = await Uplink.open({
  identityFolder: daemon.identity,
  orderFile: daemon.enrollmentToken,
  spool,
  log,
  hostFacts,
  heartbeatSeconds: () => settings().reporting.heartbeatSeconds,
  collectHeartbeat: () => health.heartbeat(),
  onIdentity: async ({ enrollment }) => {
    await policy.trust(enrollment)
    const file = (path: string) => uplink.session().file(path)
    definitions.trust({ ...enrollment, download: tufDownload(daemon.definitions, enrollment, file) })
  },
  onHeartbeatAnswer: ({ policyVersion, assignment }) => {
    void policy.follow(policyVersion)
    if (assignment !== undefined) void definitions.follow(assignment)
  },
  onPolicyVersion: (version) => void policy.follow(version),
  carryOut,
})

function kick(): void {
  if (serving) uplink.kick()
}

/** A full spool stops no start and no stop; health tells of it. */
function tell(content: EventContent): void {
  try {
    spool.enqueue(content)
  } catch (error) {
    log.error({ err: error, event: content.type }, 'event not stored')
  }
}

function loadDefinitions(): void {
  ensureDefinitions().catch((error: unknown) => log.warn({ err: error }, 'definitions not loaded'))
}

/** Does what the server asks. Failures are outcomes. */
async function carryOut(order: CommandOrder): Promise<CommandOutcome> {
  try {
    switch (order.kind) {
      case 'scan':
        await scans.start(order.request, 'console', { scanId: order.scanId })
        return { outcome: 'accepted' }
      case 'cancel-scan':
        scans.cancel(order.scanId)
        return { outcome: 'done' }
      case 'quarantine':
        await actions.quarantine(order)
        return { outcome: 'done' }
      case 'restore': {
        const { quarantineId, detectionId, evenIfInfected } = order
        await actions.restore(quarantineId, { detectionId, evenIfInfected })
        return { outcome: 'done' }
      }
      case 'delete':
        await actions.delete(order)
        return { outcome: 'done' }
    }
  } catch (error) {
    log.warn({ err: error, order: order.kind }, 'command failed')
    return {
      outcome: 'failed',
      failure: (error instanceof Error ? error.message : String(error)).slice(0, 2000),
    }
  }
}

async function status(): Promise<AgentStatus> {
  const { identity, contact } = uplink
  const { host, versions, processes, spooledEvents, quarantinedFiles } = await health.heartbeat()
  return {
    agentId: identity?.enrollment.agentId ?? null,
    serverUrl: identity?.serverUrl ?? null,
    connected: contact.connected,
    lastContactAt: contact.lastContactAt,
    certificateExpiresAt: uplink.certificateExpiresAt,
    health: health.state(),
    findings: health.findings(),
    host,
    versions,
    processes,
    settings: effectiveSettings(policy.current),
    spooledEvents,
    quarantinedFiles,
    dataFolder: paths.data,
    runningScans: scans.running,
    lastScan: spool.scans.last(),
  }
}

const handlers: ControlHandlers = {
  status,
  scan: async ({ request, trigger }, say) => {
    const { scanId, finished } = await scans.start(request, trigger, {
      listener: {
        onProgress: (progress) => say({ kind: 'progress', progress }),
        onFinding: (finding) => say({ kind: 'finding', finding }),
      },
    })
    say({ kind: 'started', scanId })
    return finished
  },
  cancelScan: async ({ scanId }) => {
    scans.cancel(scanId)
    return {}
  },
  listQuarantine: async () => ({ items: await actions.list() }),
  restore: async ({ id, to, overwrite, evenIfInfected }) => ({
    path: await actions.restore(id, { overwrite, evenIfInfected, ...(to === undefined ? {} : { to }) }),
  }),
  deleteQuarantined: async ({ id }) => {
    await actions.deleteQuarantined(id)
    return {}
  },
  showDefinitions: async () => ({
    active: definitions.active,
    previous: definitions.previous,
    checkedAt: definitions.checkedAt,
    failure: definitions.failure,
  }),
  updateDefinitions: async () => {
    const { assignment } = await uplink
      .session()
      .call(endpoints.heartbeat, { body: await health.heartbeat() })
    return definitions.takeNow(assignment)
  },
  listEvents: async ({ limit }) => ({ items: spool.list(limit) }),
}

const { serverUrl, token } = config
if (serverUrl !== undefined && uplink.mustEnroll()) {
  if (token === undefined) log.warn({ serverUrl }, 'not enrolled, and no token was given to enrol with')
  else writeDurably(daemon.enrollmentToken, `${JSON.stringify({ serverUrl, token })}\n`)
} else if (serverUrl !== undefined) await uplink.follow(serverUrl)
scans.reportInterrupted()
tell({ type: 'agent.started', data: { agentVersion: productVersion, asRoot: config.guard } })
schedule.apply(settings().schedule)
loadDefinitions()
await health.start()
const control = await ControlServer.listen(paths.agent.controlSocket, handlers, log)
serving = true
uplink.start()
log.info({ version: productVersion, dataFolder: paths.data, guard: config.guard }, 'ready')
writeSync(1, `${JSON.stringify({ ready: true, controlSocket: paths.agent.controlSocket })}\n`)

let stopping = false
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stopping) return
    stopping = true
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'not stopped cleanly')
        process.exit(1)
      },
    )
  })
}

endWithLauncher(() => process.kill(process.pid, 'SIGTERM'))
giveBackMemoryWhenIdle()

/** Scans end as interrupted, events get a last chance to be delivered, then everything is closed. */
async function stop(): Promise<void> {
  log.info('stopping')
  schedule[Symbol.dispose]()
  await scans[Symbol.asyncDispose]()
  tell({ type: 'agent.stopped', data: {} })
  const end = Date.now() + LAST_DELIVERY
  while (uplink.contact.connected && spool.waiting > 0 && Date.now() < end) await delay(20)
  await control[Symbol.asyncDispose]()
  await uplink[Symbol.asyncDispose]()
  await health[Symbol.asyncDispose]()
  await verbs[Symbol.asyncDispose]()
  spool[Symbol.dispose]()
  log.info('stopped')
}
