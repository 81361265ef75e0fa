/**
 * The agent on one host as a command: starts its processes and keeps them running until SIGTERM or SIGINT.
 *
 *     node launcher/main.ts [--data-folder D] [--workers N] [--server URL]
 */
import { defaultDataFolder, HostError, pathsBelow, serviceUser } from '@coreward/host'
import { keepCompiledCode } from '../code-cache.ts'
import { realDataFolder } from '../data-folder.ts'
import { giveBackMemoryWhenIdle } from '../idle-memory.ts'
import { prepareFolders } from '../prepare-folders.ts'
import { readOptions, wholeNumber } from '../process-options.ts'
import { startAgentProcesses } from './agent-processes.ts'
import { startOverCompiled } from './process-command.ts'

const options = readOptions(['data-folder', 'workers', 'server'])
/** As guard and scanner write; a library for it would take a megabyte of a process that does nothing else. */
const log = (message: string, facts: object = {}) =>
  process.stderr.write(`${JSON.stringify({ process: 'launcher', ...facts, message })}\n`)

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
    onNote: log,
  })
  for (const degradation of agent.degradations) log('degraded', { degradation })
  const stop = () => {
    agent.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log(`could not stop everything: ${error instanceof Error ? error.message : error}`)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  giveBackMemoryWhenIdle()
} catch (error) {
  log((error as Error).message, { code: error instanceof HostError ? error.code : undefined })
  process.exitCode = 1
}
