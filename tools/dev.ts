/**
 * `npm run dev`: what `npm start` starts, without a first scan, and beside it Vite's development server, in which a change to
 * the console shows at once. It asks the console's listener on its usual port, 8080. Ctrl-C ends both.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const repository = join(import.meta.dirname, '..')
const consoleFolder = join(repository, 'apps', 'console')
const vite = join(
  dirname(createRequire(join(consoleFolder, 'package.json')).resolve('vite/package.json')),
  'bin',
  'vite.js',
)

const children = [
  run([join(import.meta.dirname, 'start.ts'), '--no-scan', ...process.argv.slice(2)], repository),
  run([vite, '--configLoader', 'native'], consoleFolder),
]
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => end(signal))
for (const child of children) child.once('exit', () => end('SIGTERM'))

function run(command: readonly string[], cwd: string): ChildProcess {
  const child = spawn(process.execPath, command, { cwd, stdio: 'inherit' })
  child.once('exit', (code) => {
    process.exitCode ||= code ?? 0
  })
  return child
}

/** The end of one is the end of both. */
function end(signal: NodeJS.Signals): void {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill(signal)
}
