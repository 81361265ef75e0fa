/**
 * How our processes are run by Node: with which bounds of memory, and with compiled code from a folder that is filled before they are
 * started for the first time.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
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

/**
 * The program and its first arguments. `programs` is the folder of a build (tools/build-agent.ts); when absent, the processes are run from where
 * this module is: from the same build, or from sources.
 */
export function processCommand(name: ProcessName, programs?: string): readonly string[] {
  const main =
    programs === undefined
      ? join(import.meta.dirname, '..', name, `main${extname(import.meta.filename)}`)
      : join(programs, name, 'main.js')
  return [process.execPath, ...nodeOptions, main]
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
 * Has the processes compile their code into `folder` if they have not done so: this version of them, run by this Node. It costs a
 * second, once; what goes wrong costs memory only.
 */
export async function fillCodeCache(
  folder: string,
  names: readonly ProcessName[],
  dataFolder: string,
  programs?: string,
): Promise<void> {
  const env = processEnvironment(folder)
  if (env.NODE_COMPILE_CACHE !== folder) return
  const commands = names.map((name) => processCommand(name, programs))
  const mark = join(folder, `${names.join('-')}.compiled`)
  const wanted = [productVersion, process.version, ...commands.map(stateOf)].join('\n')
  if (readMark(mark) === wanted) return
  const ends = commands.map(async ([program = '', ...parameters]) => {
    const child = spawn(program, [...parameters, '--data-folder', dataFolder], {
      env: { ...process.env, ...env, [LOAD_ONLY]: '1' },
      stdio: 'ignore',
      timeout: LOAD_MILLISECONDS,
    })
    const [code] = await once(child, 'exit').catch(() => [1])
    return code === 0
  })
  if ((await Promise.all(ends)).every((isFilled) => isFilled)) writeFileSync(mark, wanted)
}

/** Tells one main.js or main.ts from another. */
function stateOf(command: readonly string[]): string {
  const main = command.at(-1) ?? ''
  const { size, mtimeMs } = statSync(main)
  return `${main} ${size} ${mtimeMs}`
}

function readMark(mark: string): string | undefined {
  try {
    return readFileSync(mark, 'utf8')
  } catch {
    return undefined
  }
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
