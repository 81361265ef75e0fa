/**
 * Builds the console's assets when its sources have changed since they were last built. A build is put in place whole or
 * not at all.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const sources = [
  'package-lock.json',
  'apps/console/{package.json,index.html,vite.config.ts}',
  'apps/console/{src,public}/**/*.*',
  'packages/contracts/src/**/*.ts',
]

/** Builds into `folder` unless what is there was made of the same sources. Resolves to whether it had to build. */
export async function buildConsole(repository: string, folder: string): Promise<boolean> {
  const state = await stateOfSources(repository)
  const mark = join(folder, '.sources')
  if ((await readFile(mark, 'utf8').catch(() => '')) === state) return false
  const fresh = `${folder}.new`
  await rm(fresh, { recursive: true, force: true })
  await mkdir(dirname(folder), { recursive: true })
  await runVite(repository, fresh)
  await writeFile(join(fresh, '.sources'), state)
  await rm(folder, { recursive: true, force: true })
  await rename(fresh, folder)
  return true
}

async function stateOfSources(repository: string): Promise<string> {
  const hash = createHash('sha256')
  for (const path of globSync(sources, { cwd: repository }).sort()) {
    const { size, mtimeMs } = await stat(join(repository, path))
    hash.update(`${path}\0${size}\0${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

async function runVite(repository: string, folder: string): Promise<void> {
  const console = join(repository, 'apps', 'console')
  const vite = join(
    dirname(createRequire(join(console, 'package.json')).resolve('vite/package.json')),
    'bin',
    'vite.js',
  )
  const child = spawn(
    process.execPath,
    [vite, 'build', '--configLoader', 'native', '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn'],
    {
      cwd: console,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const code = await new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done))
  if (code !== 0)
    throw new Error(`The console could not be built (vite ended with ${code}):\n${output.trim()}`)
}
