/**
 * `npm start`: server, console and an agent on this machine, in the order in which a stranger wants to see them, then a
 * first scan and its summary. It joins the apps' own processes and holds no rule of its own. Flow: options → console built →
 * server → agent enrolled and protecting → scan → summary → wait for Ctrl-C → everything stopped.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type AgentStatus, eventNumbers, type ScanRequest } from '@coreward/contracts'
import { defaultDataFolder, type Paths, pathsBelow } from '@coreward/host'
import { formatNumberOf } from '../apps/agent/src/cli/text.ts'
import { productVersion } from '../apps/agent/src/version.ts'
import { buildAgentIfOld } from './build-agent.ts'
import { type RunningAgent, startAgent, untilProtecting } from './start/agent.ts'
import { buildConsole } from './start/console-build.ts'
import { makeDemo } from './start/demo.ts'
import { runFirstScan } from './start/first-scan.ts'
import { keepServer, samePorts } from './start/kept-server.ts'
import { parseOptions, type StartOptions } from './start/options.ts'
import { makeEnrollmentToken, type RunningServer, startServer } from './start/server.ts'
import { say, step } from './start/step.ts'

const repository = join(import.meta.dirname, '..')
const options = parseOptions(process.argv.slice(2))
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => stopping.abort(new Stopped()))

/** Somebody asked for the end; not a failure. */
class Stopped extends Error {}

try {
  await run(options, pathsBelow(options.dataFolder), stopping.signal)
} catch (error) {
  if (!(error instanceof Stopped)) {
    say('', `npm start: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}
say(
  process.exitCode === 1
    ? 'Everything is stopped.'
    : 'Everything is stopped. The next start goes on from here.',
)

async function run(options: StartOptions, paths: Paths, signal: AbortSignal): Promise<void> {
  await using running = new AsyncDisposableStack()
  mkdirSync(paths.data, { recursive: true, mode: 0o755 })
  say(`Coreward ${productVersion}`, `Data: ${paths.data}`, '')
  await step(
    'Web console',
    () => buildConsole(repository, paths.console),
    (built) => (built ? 'built' : 'built before'),
  )
  const programs = await agentPrograms()
  signal.throwIfAborted()
  const server = await step(
    'Management server',
    () => startServer(repository, paths, options),
    ({ ready }) => `agents at ${ready.agentUrl}`,
  )
  const keeping = keepServer(server, () => startServer(repository, paths, samePorts(options, server)), signal)
  running.defer(() => keeping.stop())
  signal.throwIfAborted()
  const agent = await step('Agent of this machine', () =>
    startAgent(paths.data, server.ready.agentUrl, () => makeEnrollmentToken(repository, paths), programs),
  )
  running.defer(() => agent.processes.stop())
  const status = await step(
    'Enrolled, definitions verified',
    () => untilProtecting(agent, signal),
    ({ versions }) => `definitions ${versions.definitions}, policy ${versions.policy ?? 'default'}`,
  )
  sayPrivileges(status, agent)
  await scan(options, paths, agent, signal)
  await sayWhereToGo(server, agent, options)
  await untilStopped(keeping.lost, signal)
  say('', 'Stopping …')
}

/** The agent's processes built, unless this checkout is not ours to write to: then they run from their sources, and take more memory. */
async function agentPrograms(): Promise<string | undefined> {
  try {
    return await buildAgentIfOld()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return undefined
    throw error
  }
}

/** What root gets and an ordinary user does not. */
function sayPrivileges(status: AgentStatus, agent: RunningAgent): void {
  const asRoot = process.getuid?.() === 0
  say(
    '',
    asRoot
      ? '  Started as root: all files can be read; guard, scanner, daemon and server run apart, the last three not as root.'
      : '  Started as an ordinary user: files of others that you may not read are left out. Only root gets the guard process.',
    `  Health: ${status.health}${status.findings.length === 0 ? '' : ` (${status.findings.map(({ text }) => text).join(' ')})`}`,
  )
  for (const degradation of agent.processes.degradations)
    say(`  Not possible on this machine: ${degradation}`)
}

async function scan(
  options: StartOptions,
  paths: Paths,
  agent: RunningAgent,
  signal: AbortSignal,
): Promise<void> {
  if (options.demo) {
    const folder = await makeDemo(paths.data)
    await runFirstScan(
      agent.call,
      `Demo scan of ${folder}`,
      { kind: 'custom', paths: [folder], action: 'quarantine' },
      signal,
    )
  }
  if (!options.scan) return
  const action = options.quarantine ? ({ action: 'quarantine' } as const) : {}
  const request: ScanRequest =
    options.scanPaths.length > 0
      ? { kind: 'custom', paths: [...options.scanPaths], ...action }
      : { kind: 'quick', paths: [], ...action }
  await runFirstScan(
    agent.call,
    options.scanPaths.length > 0 ? `Scan of ${options.scanPaths.join(', ')}` : 'Quick scan',
    request,
    signal,
  )
}

async function sayWhereToGo(
  server: RunningServer,
  agent: RunningAgent,
  { dataFolder }: StartOptions,
): Promise<void> {
  const cli = `npx coreward${dataFolder === defaultDataFolder() ? '' : ` --data-folder ${dataFolder}`}`
  const { items } = await agent.call('listEvents', { limit: 10_000 })
  const waiting = items.filter((item) => !item.delivered).length
  const detections = items.filter(
    (item) => eventNumbers[item.content.type] === eventNumbers['threat.detected'],
  ).length
  say(
    `  Events       ${formatNumberOf(items.length - waiting, 'event')} stored at the server, ${waiting} on the way; ${formatNumberOf(detections, 'detection')} among them`,
    '',
    `Console      ${server.ready.consoleUrl.replace('127.0.0.1', 'localhost')}`,
  )
  if (server.ready.setupUrl !== undefined)
    say(
      'Set the first administrator’s password with this link (once, within 24 hours):',
      `             ${server.ready.setupUrl.replace('127.0.0.1', 'localhost')}`,
    )
  say(`On this host ${cli} status, ${cli} --help`, '', 'Everything keeps running. Ctrl-C stops it.')
}

/** Waits for Ctrl-C. Rejects when `lost` does. */
async function untilStopped(lost: Promise<never>, signal: AbortSignal): Promise<void> {
  const asked = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await Promise.race([asked, lost])
}
