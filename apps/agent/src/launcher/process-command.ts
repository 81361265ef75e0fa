/**
 * How our processes are run by Node: with which bounds of memory, and with compiled code from a folder that is filled before they are
 * started for the first time.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LOAD_ONLY } from '../code-cache.ts'
import { productVersion } from '../version.ts'

/**
 * V8 lets garbage pile up while memory is free, which a server has for its own work. In MB: the young generation's halves, which hold
 * what one file needs, and the whole old generation, of which a third is in use. The engine's threads have bounds of their own. Collection
 * can be asked for (idle-memory.ts).
 */
const nodeOptions = ['--max-semi-space-size=1', '--max-old-space-size=96', '--expose-gc']

/** Time for a process to load its code, in milliseconds. */
const LOAD_MILLISECONDS = 30_000

export type ProcessName = 'launcher' | 'guard' | 'scanner' | 'daemon'

/** The program and its first arguments. */
export function processCommand(name: ProcessName): readonly string[] {
  return [process.execPath, ...nodeOptions, fileURLToPath(new URL(`../${name}/main.ts`, import.meta.url))]
}

/**
 * Has the C library give freed memory back: one arena for all threads, which hardly allocate, and large pieces mapped by themselves, however
 * often they come and go (mallopt(3)).
 */
const allocation = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '65536',
  MALLOC_MMAP_THRESHOLD_: '131072',
} as const

/** The environment: Node finds compiled code in `folder`, unless whoever started us named another. */
export function processEnvironment(folder: string): Readonly<Record<string, string>> {
  return { ...allocation, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? folder }
}

/**
 * Has the processes compile their code into `folder` if this version has not done so. It costs a second, once; what goes wrong costs
 * memory only.
 */
export async function fillCodeCache(
  folder: string,
  names: readonly ProcessName[],
  dataFolder: string,
): Promise<void> {
  const env = processEnvironment(folder)
  const mark = join(folder, `${names.join('-')}-${productVersion}-${process.version}`)
  if (env.NODE_COMPILE_CACHE !== folder || existsSync(mark)) return
  const ends = names.map(async (name) => {
    const [program = '', ...parameters] = processCommand(name)
    const child = spawn(program, [...parameters, '--data-folder', dataFolder], {
      env: { ...process.env, ...env, [LOAD_ONLY]: '1' },
      stdio: 'ignore',
      timeout: LOAD_MILLISECONDS,
    })
    const [code] = await once(child, 'exit').catch(() => [1])
    return code === 0
  })
  if ((await Promise.all(ends)).every((isFilled) => isFilled)) writeFileSync(mark, '')
}

/**
 * Has this process, the launcher, start over with compiled code in `folder`, which must be there; it stays the same process to whoever
 * started it (execve(2)). Does nothing the second time, and where the system has no such thing.
 */
export async function startOverCompiled(folder: string, dataFolder: string): Promise<void> {
  if (process.env.NODE_COMPILE_CACHE !== undefined || process.execve === undefined) return
  await fillCodeCache(folder, ['launcher'], dataFolder)
  const command = [...processCommand('launcher'), ...process.argv.slice(2)]
  process.execve(process.execPath, command, { ...process.env, ...processEnvironment(folder) })
}
