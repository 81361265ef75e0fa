/**
 * The server's process. Reads the command line, does what it asks for, and is the last place where a failure can be caught.
 */
import type { Logger } from 'pino'
import manifest from '../package.json' with { type: 'json' }
import { type Order, parseCommandLine } from './command-line.ts'
import { makeEnrollmentToken } from './enrollment-token.ts'
import { initialize } from './initialize.ts'
import { createLogger } from './logging.ts'
import { serve } from './serve.ts'
import { ServerError } from './server-error.ts'

const { version } = manifest

try {
  const order = parseCommandLine(process.argv.slice(2), version)
  await carryOut(order)
} catch (error) {
  if (!(error instanceof ServerError)) throw error
  process.stderr.write(`coreward-server: ${error.message}\n`)
  process.exit(2)
}

async function carryOut(order: Order): Promise<void> {
  switch (order.kind) {
    case 'serve':
      return run(order.options, createLogger(order.options.logLevel))
    case 'initialize':
      return initialize(order.options)
    case 'enrollment-token':
      process.stdout.write(`${JSON.stringify(await makeEnrollmentToken(order.options))}\n`)
  }
}

async function run(options: Extract<Order, { kind: 'serve' }>['options'], logger: Logger): Promise<void> {
  const serving = await serve(options, version, logger)
  let ending = false
  const end = (signal: NodeJS.Signals) => {
    if (ending) return
    ending = true
    logger.info({ signal }, 'stopping')
    // Nothing that hangs may keep the process: it must be gone within three seconds.
    setTimeout(() => process.exit(0), 2_800).unref()
    serving.stop().then(
      () => process.exit(0),
      (error) => {
        logger.error({ err: error }, 'stopping failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', end)
  if (options.endWithInput) process.stdin.once('end', () => end('SIGTERM')).resume()
  process.on('SIGINT', end)
  const { setupUrl: _, ...told } = serving.ready
  logger.info(told, 'ready')
  process.stdout.write(`${JSON.stringify(serving.ready)}\n`)
}
