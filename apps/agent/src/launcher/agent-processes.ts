/**
 * The agent as a whole: its folders, then guard (root only), scanner and daemon, each kept running, until all are stopped.
 */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DescriptorListener, HostError, type Paths, pathsBelow, serviceUser } from '@coreward/host'
import { realDataFolder } from '../data-folder.ts'
import { prepareFolders } from '../prepare-folders.ts'
import { KeptProcess } from './child-process.ts'
import { type Degradation, findConfinement } from './confinement.ts'
import { fillCodeCache, processCommand, processEnvironment } from './process-command.ts'

export interface AgentOptions {
  readonly dataFolder: string
  /** Scan threads; one for each two processors when absent or 0, at least one. */
  readonly workers?: number
  /** Passed on to the daemon after its own options. */
  readonly daemonArguments?: readonly string[]
  /** Added to the daemon's environment. */
  readonly daemonEnvironment?: Readonly<Record<string, string>>
  /** The folder of a build of the processes (tools/build-agent.ts); they are run from where this module is when absent. */
  readonly programs?: string
  /** Leaves the daemon out: the caller is one itself (tests, tools). */
  readonly withoutDaemon?: boolean
  /** Told in words of each start, end and restart. */
  readonly onNote?: (message: string) => void
}

export interface AgentProcesses extends AsyncDisposable {
  readonly paths: Paths
  readonly degradations: readonly Degradation[]
  /** The processes as they are now; `pid` is null between an end and a restart. */
  processes(): readonly { readonly name: string; readonly pid: number | null; readonly restarts: number }[]
  /** Stops the daemon, then the others. Safe to call again. */
  stop(): Promise<void>
}

/** How long the scanner and the guard may take to listen, in milliseconds; they take a few hundred. */
const READY_MILLISECONDS = 20_000

/**
 * Starts the agent on a data folder; resolves when guard and scanner listen and the daemon is started. Throws HostError: `exists` when an
 * agent runs on that folder, `permission`, `unsupported` on systems other than Linux, `system` when a process does not come up (its log
 * is named).
 */
export async function startAgentProcesses(options: AgentOptions): Promise<AgentProcesses> {
  if (process.platform !== 'linux') {
    throw new HostError('unsupported', `The agent runs on Linux in this version, not on ${process.platform}.`)
  }
  const paths = pathsBelow(realDataFolder(options.dataFolder))
  const confinement = findConfinement()
  const { isRoot } = confinement
  const users = { daemon: serviceUser('daemon'), scanner: serviceUser('scanner') }
  prepareFolders(paths, isRoot ? users : undefined)
  const lock = claim(paths)

  const onNote = options.onNote ?? (() => {})
  const kept: KeptProcess[] = []
  const start = (name: 'guard' | 'scanner' | 'daemon', parameters: readonly (string | number)[]) => {
    const own = ['--data-folder', paths.data, ...parameters.map(String)]
    kept.push(
      new KeptProcess({
        name,
        command: [...confinement.prefix(name), ...processCommand(name, options.programs), ...own],
        logFile: join(paths.agent.log, `${name}.log`),
        environment: {
          ...processEnvironment(paths.agent.codeCache),
          ...(name === 'daemon' ? options.daemonEnvironment : {}),
        },
        onNote,
      }),
    )
  }
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= (async () => {
      // The daemon first: it asks the others to the last.
      for (const each of [...kept].reverse()) await each.stop()
      lock.close()
    })()
    return stopping
  }

  const names = ['guard', 'scanner', 'daemon'] as const
  await fillCodeCache(paths.agent.codeCache, isRoot ? names : names.slice(1), paths.data, options.programs)
  const { daemon, scanner } = users
  const workers = options.workers ? ['--workers', options.workers] : []
  try {
    if (isRoot) {
      start('guard', ['--daemon-uid', daemon.uid, '--daemon-gid', daemon.gid, '--scanner-uid', scanner.uid])
      start('scanner', [...workers, '--uid', scanner.uid, '--gid', scanner.gid])
    } else {
      start('scanner', workers)
    }
    await listening(paths.agent.scannerSocket, paths)
    if (isRoot) await listening(paths.agent.guardSocket, paths)
    if (options.withoutDaemon !== true) {
      const privileged = isRoot ? ['--guard', '--uid', daemon.uid, '--gid', daemon.gid] : []
      const degraded = confinement.degradations.flatMap((code) => ['--degraded', code])
      start('daemon', [...privileged, ...degraded, ...(options.daemonArguments ?? [])])
    }
  } catch (error) {
    await stop()
    throw error
  }
  return {
    paths,
    degradations: confinement.degradations,
    processes: () => kept.map(({ name, pid, restarts }) => ({ name, pid, restarts })),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/**
 * Makes sure that no other agent runs here, also while one of its processes is being replaced: the launcher holds a socket of its own,
 * which takes no messages. Then clears the sockets of a former agent.
 */
function claim({ agent }: Paths): DescriptorListener {
  const lock = new DescriptorListener({
    path: agent.launcherSocket,
    allowedUids: [],
    onConnection: (socket) => socket.close(),
  })
  for (const socket of [agent.scannerSocket, agent.guardSocket, agent.controlSocket])
    rmSync(socket, { force: true })
  return lock
}

async function listening(socket: string, { agent }: Paths): Promise<void> {
  for (const deadline = Date.now() + READY_MILLISECONDS; !existsSync(socket); await sleep(20)) {
    if (Date.now() < deadline) continue
    throw new HostError('system', `Nothing listens at ${socket}; see the logs in ${agent.log}.`)
  }
}
