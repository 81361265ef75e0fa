/**
 * Runs the product as a stranger would, with `npm start`, and reads what it prints. For end-to-end tests alone; every start
 * has a data folder, ports and a scanned folder of its own, and is ended with all its processes.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** The checkout that is tested. */
export const repository = resolve(import.meta.dirname, '..', '..')

/** How long one thing that the product does may take before a test gives up; generous, because machines are noisy. */
const patience = 90_000

/** A folder that is removed when the test ends. The product's service users must be able to pass through it. */
export async function temporaryFolder(name: string): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), `coreward-${name}-`))
  await promisify(execFile)('chmod', ['755', path])
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  return { path, [Symbol.asyncDispose]: remove }
}

/** A started product, or a part of it. */
export interface Product extends AsyncDisposable {
  /** All it has printed so far. */
  output(): string
  /** Waits until its output matches, and gives the match. Fails with the output when it ends or time runs out. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
  /** Settles with the exit code when it has ended; null when a signal ended it. */
  readonly ended: Promise<number | null>
  /** Ctrl-C, and what it ended with. */
  interrupt(): Promise<number | null>
  /** The process ids below it whose command line contains `part`. */
  processes(part: string): Promise<number[]>
}

/** `npm start -- ARGUMENTS`. */
export function startProduct(options: readonly string[], settings: Settings = {}): Product {
  return startCommand('npm', ['start', '--silent', '--', ...options], settings)
}

/** `npx coreward run` for a data folder: an agent alone, as on a host of its own. */
export function startAgent(dataFolder: string): Product {
  return startCommand('npx', ['--no-install', 'coreward', '--data-folder', dataFolder, 'run'], {})
}

/** How a command is started, where it differs from this process. */
export interface Settings {
  readonly environment?: NodeJS.ProcessEnv
  /** Numbers; as root only. */
  readonly user?: { readonly uid: number; readonly gid: number }
}

function startCommand(command: string, parameters: readonly string[], settings: Settings): Product {
  const child = spawn(command, parameters, {
    cwd: repository,
    detached: true,
    env: { ...process.env, ...settings.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...settings.user,
  })
  let text = ''
  let ended: { code: number | null } | undefined
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk))
  const over = new Promise<number | null>((done) => child.once('close', (code) => done(code)))
  over.then((code) => (ended = { code })).catch(() => undefined)
  return {
    output: () => text,
    ended: over,
    async printed(pattern) {
      const until = Date.now() + patience
      while (Date.now() < until) {
        const match = pattern.exec(text)
        if (match !== null) return match
        if (ended !== undefined)
          throw new Error(`it ended with ${ended.code} before it printed ${pattern}:\n${text}`)
        await sleep(50)
      }
      throw new Error(`it did not print ${pattern}:\n${text}`)
    },
    interrupt: () => endGroup(child, over, 'SIGINT'),
    processes: async (part) =>
      (await descendants(child.pid ?? 0))
        .filter(({ command }) => command.includes(part))
        .map(({ pid }) => pid),
    async [Symbol.asyncDispose]() {
      if (ended === undefined) await endGroup(child, over, 'SIGTERM')
    },
  }
}

/** What a command ended with. */
export interface CommandResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** `npx coreward ARGUMENTS` for the agent of a data folder, with `input` on its standard input. */
export async function coreward(
  dataFolder: string,
  options: readonly string[],
  input = '',
): Promise<CommandResult> {
  const child = spawn('npx', ['--no-install', 'coreward', '--data-folder', dataFolder, ...options], {
    cwd: repository,
  })
  child.stdin.end(input)
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk))
  const code = await new Promise<number>((done) => child.once('close', (result) => done(result ?? -1)))
  return { code, stdout, stderr }
}

/** Tries until `attempt` gives something other than undefined. */
export async function eventually<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T> {
  const until = Date.now() + patience
  let last: unknown
  while (Date.now() < until) {
    try {
      const result = await attempt()
      if (result !== undefined) return result
    } catch (error) {
      last = error
    }
    await sleep(100)
  }
  throw new Error(`${what}: did not happen within ${patience} ms`, { cause: last })
}

async function endGroup(
  child: ChildProcess,
  over: Promise<number | null>,
  signal: NodeJS.Signals,
): Promise<number | null> {
  if (child.pid === undefined) return null
  process.kill(-child.pid, signal)
  const forced = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), 30_000)
  const code = await over
  clearTimeout(forced)
  return code
}

async function descendants(root: number): Promise<{ pid: number; command: string }[]> {
  const parents = new Map<number, number>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    const parent = /\) \S (\d+)/.exec(stat)?.[1]
    if (parent !== undefined) parents.set(Number(name), Number(parent))
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid)
    return parent !== undefined && parent > 1 && (parent === root || isBelow(parent))
  }
  const found = [...parents.keys()].filter(isBelow)
  return Promise.all(
    found.map(async (pid) => ({
      pid,
      command: (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' '),
    })),
  )
}
