/**
 * The agent on one host as a command: starts its processes and keeps them running until SIGTERM or SIGINT.
 *
 *     node launcher/main.ts [--data-folder D] [--workers N] [--server URL]
 */
import { defaultDataFolder, HostError } from '@coreward/host'
import { pino } from 'pino'
import { readOptions, wholeNumber } from '../process-options.ts'
import { startAgentProcesses } from './agent-processes.ts'

const options = readOptions(['data-folder', 'workers', 'server'])
const log = pino({ name: 'launcher' }, pino.destination({ dest: 2, sync: true }))

try {
  const agent = await startAgentProcesses({
    dataFolder: options['data-folder'] ?? defaultDataFolder(),
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
} catch (error) {
  log.fatal({ code: error instanceof HostError ? error.code : undefined }, (error as Error).message)
  process.exitCode = 1
}
