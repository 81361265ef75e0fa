/**
 * The management server as a process of its own: initialized once, started, asked for an enrolment token. What it says on
 * standard error is its log and goes to a file.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { type Paths, serviceUser } from '@coreward/host'
import { z } from 'zod'
import type { StartOptions } from './options.ts'

const Ready = z.object({
  ready: z.literal(true),
  version: z.string(),
  consoleUrl: z.url(),
  agentUrl: z.url(),
  definitionsVersion: z.string().nullable(),
  setupUrl: z.url().optional(),
})
type Ready = z.infer<typeof Ready>

/** A server that is ready. */
export interface RunningServer {
  readonly ready: Ready
  /** Settles with the exit code when the server ends, whoever ended it. */
  readonly ended: Promise<number | null>
  stop(): Promise<void>
}

/** Makes the server's keys when that has not been done, and starts it. Throws Error with the server's own words. */
export async function startServer(
  repository: string,
  paths: Paths,
  options: StartOptions,
): Promise<RunningServer> {
  const main = join(repository, 'apps', 'server', 'src', 'main.ts')
  await runOnce(main, [
    'initialize',
    '--data-folder',
    paths.data,
    '--offline-keys-folder',
    paths.offlineKeys,
    ...asUser(),
  ])
  const log = openLog(paths)
  const child = spawn(process.execPath, [main, ...serveArguments(paths, options), ...asUser()], {
    // Its input ends with this process, even on a kill, and the server with its input.
    stdio: ['pipe', 'pipe', log.descriptor],
  })
  closeSync(log.descriptor)
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('exit', (code) => resolve(code))
  })
  const ready = await Promise.race([readReady(child), ended.then((code) => failed(code, paths, log.length))])
  return { ready, ended, stop: () => stop(child, ended) }
}

/** A one-time enrolment token for this machine's agent. */
export async function makeEnrollmentToken(repository: string, paths: Paths): Promise<string> {
  const main = join(repository, 'apps', 'server', 'src', 'main.ts')
  const answer = await runOnce(main, [
    'enrollment-token',
    '--data-folder',
    paths.data,
    '--name',
    'this machine',
    '--minutes',
    '10',
    ...asUser(),
  ])
  return z.object({ token: z.string() }).parse(JSON.parse(answer)).token
}

function serveArguments(paths: Paths, options: StartOptions): string[] {
  const given: [string, string | undefined][] = [
    ['--data-folder', paths.data],
    ['--agent-host', options.agentHost],
    ['--agent-port', String(options.agentPort)],
    ['--console-host', options.consoleHost],
    ['--console-port', String(options.consolePort)],
    ['--console-assets', paths.console],
    ['--console-certificate', options.consoleCertificate],
    ['--console-key', options.consoleKey],
    ['--signatures', options.signatures],
  ]
  return [
    'serve',
    '--end-with-input',
    ...given.flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
  ]
}

/** As root the server gives up root once it has loaded. */
function asUser(): string[] {
  if (process.getuid?.() !== 0) return []
  const { uid, gid } = serviceUser('server')
  return ['--user-id', String(uid), '--group-id', String(gid)]
}

async function runOnce(main: string, options: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [main, ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, complaint, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve)),
  ])
  if (code !== 0) throw new Error(complaint.trim() || `The server’s ${options[0]} ended with ${code}`)
  return output
}

async function readReady(child: ChildProcess): Promise<Ready> {
  if (child.stdout === null) throw new TypeError('the server was started without a pipe')
  for await (const line of createInterface({ input: child.stdout })) return Ready.parse(JSON.parse(line))
  return new Promise(() => undefined) // it has ended: `ended` says how
}

/** A log longer than this is begun anew at a start, in bytes; the one before it is kept. */
const logBytes = 10_000_000

function openLog(paths: Paths): { descriptor: number; length: number } {
  const file = logFile(paths)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > logBytes) renameSync(file, `${file}.1`)
  const descriptor = openSync(file, 'a', 0o600)
  return { descriptor, length: fstatSync(descriptor).size }
}

const logFile = (paths: Paths) => join(paths.server.log, 'server.log')

/** What the server said since its start that is not a log record: its reason for not starting. */
function failed(code: number | null, paths: Paths, logLength: number): never {
  const lines = readFileSync(logFile(paths)).subarray(logLength).toString('utf8').trim().split('\n')
  const reason = lines.filter((line) => !line.startsWith('{')).join('\n')
  throw new Error(reason || `The server ended with ${code}; see ${logFile(paths)}`)
}

async function stop(child: ChildProcess, ended: Promise<number | null>): Promise<void> {
  child.kill('SIGTERM')
  const forced = setTimeout(() => child.kill('SIGKILL'), 5000)
  await ended
  clearTimeout(forced)
}
