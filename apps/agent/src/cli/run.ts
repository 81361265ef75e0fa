/**
 * `coreward run`: the agent's processes in the foreground, until Ctrl-C. It starts the launcher and hands signals on.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { exitCode } from './exit-code.ts'
import type { CommandContext } from './output.ts'

/** Runs the agent; the exit code is the launcher's. */
export async function runAgent(context: CommandContext): Promise<number> {
  const launcher = join(import.meta.dirname, '..', 'launcher', 'main.ts')
  const child = spawn(process.execPath, [launcher, '--data-folder', context.dataFolder], { stdio: 'inherit' })
  process.on('SIGINT', () => undefined) // the terminal sends it to the launcher as well
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? exitCode.error))
  })
}
