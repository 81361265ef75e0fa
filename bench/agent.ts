/**
 * The whole agent under test: launcher, guard (as root), scanner and daemon, given the compiled definitions as its current set
 * and asked for scans through its command line. It costs more than the engine alone, and that is what a host pays.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DefinitionsSummary, ScanSummary } from '@coreward/contracts'
import type { CompileSummary } from '@coreward/definitions'
import { pathsBelow, serviceUser } from '@coreward/host'
import { buildAgentIfOld } from '../tools/build-agent.ts'
import type { EngineUnderTest, ScanCost } from './engine-under-test.ts'
import { cpuSeconds, memoryBelow } from './process-cost.ts'

const source = join(import.meta.dirname, '../apps/agent')
const patience = 60_000

/** An agent, and what more can be asked of it than of any engine. */
export interface AgentUnderTest extends EngineUnderTest {
  readonly dataFolder: string
  /** PSS of all its processes now, in bytes. */
  pss(): number
  /** Scans a folder where it lies, with or without what is known from before; what that cost all processes. */
  scanFolder(folder: string, options: { readonly fresh: boolean }): Promise<FolderScan>
}

export interface FolderScan {
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly files: number
  /** Of these, those that were not read again. */
  readonly unchanged: number
}

export interface InstalledSet {
  readonly file: string
  readonly summary: Omit<CompileSummary, 'refused'>
}

/** Starts an agent below `folder` that has the set and no server, its processes built and run by the program `node`. */
export async function startAgent(
  set: InstalledSet,
  folder: string,
  node = process.execPath,
): Promise<AgentUnderTest> {
  const dataFolder = join(folder, 'agent')
  const files = join(folder, 'files')
  // Its service users have to pass through.
  chmodSync(folder, 0o711)
  installSet(dataFolder, set)
  const programs = await buildAgentIfOld()
  const started = performance.now()
  const child = spawn(node, [join(programs, 'launcher/main.js'), '--data-folder', dataFolder], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const pid = child.pid ?? 0
  await untilReady(child, dataFolder, set.summary.version)
  const loadSeconds = (performance.now() - started) / 1000
  let copied: { paths: readonly string[]; originals: Map<string, string> } | undefined

  async function scanFolder(wanted: string, fresh: boolean) {
    const cpuBefore = cpuOf(pid)
    const from = performance.now()
    const answer: ScanAnswer = await cli(dataFolder, ['scan', ...(fresh ? ['--fresh'] : []), wanted])
    const wallSeconds = (performance.now() - from) / 1000
    return { ...answer, wallSeconds, cpuSeconds: cpuOf(pid) - cpuBefore }
  }

  return {
    name: 'agent',
    dataFolder,
    loadSeconds,
    idlePss: pssOf(pid),
    pss: () => pssOf(pid),
    async scanFolder(wanted, { fresh }) {
      const { summary, cpuSeconds, wallSeconds } = await scanFolder(wanted, fresh)
      return { cpuSeconds, wallSeconds, files: summary.filesScanned, unchanged: summary.filesUnchanged }
    },
    async scan(paths): Promise<ScanCost> {
      // The same list again, to measure for longer, is in its place already.
      if (copied?.paths !== paths) copied = { paths, originals: copyInto(files, paths) }
      const { originals } = copied
      const memory = watch(pid)
      const { findings, summary, cpuSeconds, wallSeconds } = await scanFolder(files, true)
      const cost = { cpuSeconds, wallSeconds, peakPss: memory.stop(), bytesRead: summary.bytesScanned }
      const of = (kind: Finding['kind']) => findings.filter((finding) => finding.kind === kind)
      const original = ({ path }: Finding) => originals.get(path) ?? path
      return {
        ...cost,
        found: new Map(of('detection').map((finding) => [original(finding), finding.signature ?? ''])),
        unscanned: [...new Set(of('unscanned').map(original))],
      }
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

interface ScanAnswer {
  readonly findings: readonly Finding[]
  readonly summary: ScanSummary
}

interface Finding {
  readonly kind: 'detection' | 'unscanned'
  readonly path: string
  readonly signature?: string
}

/** Puts the set where a daemon that had fetched it would have put it. */
function installSet(dataFolder: string, { file, summary }: InstalledSet): void {
  const { folder, definitions } = pathsBelow(dataFolder).agent.daemon
  const { version, sha256, bytes, createdAt, counts } = summary
  const current: DefinitionsSummary = {
    version,
    sha256,
    bytes,
    createdAt,
    counts: { ...counts },
    refusedCount: 0,
    refused: [],
    refusedKinds: [],
    skipped: 0,
    ignored: 0,
    unsupported: [],
    sets: [],
  }
  const sets = join(definitions, 'sets')
  mkdirSync(sets, { recursive: true, mode: 0o700 })
  const stored = join(sets, `${sha256}.definitions`)
  const note = join(definitions, 'sets.json')
  copyFileSync(file, stored)
  chmodSync(stored, 0o600)
  writeFileSync(note, JSON.stringify({ current, previous: null, assignment: null }), { mode: 0o600 })
  if (process.getuid?.() !== 0) return
  const { uid, gid } = serviceUser('daemon')
  for (const path of [folder, definitions, sets, stored, note]) chownSync(path, uid, gid)
}

async function untilReady(child: ChildProcess, dataFolder: string, version: string): Promise<void> {
  for (const end = performance.now() + patience; performance.now() < end; await sleep(50)) {
    if (child.exitCode !== null) throw new Error(`the agent ended with ${child.exitCode}`)
    try {
      const status = await cli(dataFolder, ['status'])
      if (status.versions.definitions === version && status.processes.some(isScanner)) return
    } catch {
      // It does not answer yet.
    }
  }
  throw new Error(`the agent in ${dataFolder} was not ready in ${patience / 1000} s`)
}

const isScanner = ({ name }: { name: string }) => name === 'scanner'

/** A command of the agent's own command line; anything but a result is an error. */
async function cli(dataFolder: string, options: readonly string[]) {
  const command = [
    join(source, 'bin/coreward.mjs'),
    '--data-folder',
    dataFolder,
    '--output',
    'json',
    ...options,
  ]
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk))
  const [code] = await once(child, 'close')
  if (code === 2) throw new Error(`coreward ${options[0]}: ${text}`)
  return JSON.parse(text)
}

/** Copies the files into an empty folder, because an agent scans folders; the answer leads from a copy to its original. */
function copyInto(folder: string, paths: readonly string[]): Map<string, string> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { mode: 0o755 })
  const originals = new Map<string, string>()
  for (const [index, path] of paths.entries()) {
    const copy = join(folder, `${index}-${basename(path)}`)
    copyFileSync(path, copy)
    originals.set(copy, path)
  }
  // What was just written would otherwise be written to the disk while it is scanned.
  execFileSync('sync')
  return originals
}

const pssOf = (pid: number) => memoryBelow(pid).reduce((sum, { pss }) => sum + pss, 0)
const cpuOf = (root: number) => memoryBelow(root).reduce((sum, { pid }) => sum + cpuSeconds(pid), 0)

function watch(pid: number): { stop(): number } {
  let peak = pssOf(pid)
  const timer = setInterval(() => {
    peak = Math.max(peak, pssOf(pid))
  }, 250)
  return {
    stop() {
      clearInterval(timer)
      return Math.max(peak, pssOf(pid))
    },
  }
}
