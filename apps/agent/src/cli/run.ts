/**
 * `coreward run`: the agent's processes in the foreground, until Ctrl-C. It starts the launcher and hands signals on.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { exitCode } from './exit-code.ts'
import type { CommandContext } from './output.ts'
import { checkServerAddress } from './server-address.ts'

/** Runs the agent until it is stopped. A launcher that could not start, or was killed, is an error. */
export async function runAgent(
  context: CommandContext,
  { server }: { readonly server?: string },
): Promise<number> {
  if (server !== undefined) checkServerAddress(server)
  const launcher = join(import.meta.dirname, '..', 'launcher', 'main.ts')
  const moved = server === undefined ? [] : ['--server', server]
  const child = spawn(process.execPath, [launcher, '--data-folder', context.dataFolder, ...moved], {
    stdio: 'inherit',
  })
  // A terminal sends Ctrl-C to the launcher as well, which takes a second one for the first.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code === 0 ? exitCode.clean : exitCode.error))
  })
}
