/**
 * The agent on one host as a command: starts its processes and keeps them running until SIGTERM or SIGINT.
 *
 *     node launcher/main.ts [--data-folder D] [--workers N] [--server URL]
 */
import { defaultDataFolder, HostError, pathsBelow, serviceUser } from '@coreward/host'
import { pino } from 'pino'
import { keepCompiledCode } from '../code-cache.ts'
import { realDataFolder } from '../data-folder.ts'
import { giveBackMemoryWhenIdle } from '../idle-memory.ts'
import { prepareFolders } from '../prepare-folders.ts'
import { readOptions, wholeNumber } from '../process-options.ts'
import { startAgentProcesses } from './agent-processes.ts'
import { startOverCompiled } from './process-command.ts'

const options = readOptions(['data-folder', 'workers', 'server'])
const log = pino({ name: 'launcher' }, pino.destination({ dest: 2, sync: true }))

keepCompiledCode()
try {
  const dataFolder = realDataFolder(options['data-folder'] ?? defaultDataFolder())
  const paths = pathsBelow(dataFolder)
  prepareFolders(paths, process.getuid?.() === 0 ? { daemon: serviceUser('daemon') } : undefined)
  await startOverCompiled(paths.agent.codeCache, dataFolder)
  const agent = await startAgentProcesses({
    dataFolder,
    workers: wholeNumber('workers', options.workers, 0),
    daemonArguments: options.server === undefined ? [] : ['--server', options.server],
    onNote: (message) => log.info(message),
  })
  for (const degradation of agent.degradations) log.warn({ degradation }, 'degraded')
  const stop = () => {
    agent.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'could not stop everything')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  giveBackMemoryWhenIdle()
} catch (error) {
  log.fatal({ code: error instanceof HostError ? error.code : undefined }, (error as Error).message)
  process.exitCode = 1
}
