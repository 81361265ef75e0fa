/**
 * A data folder with a real scanner process and real file verbs, and definitions that know EICAR, for the daemon's tests. Never
 * imported by production code.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { compileDefinitions } from '@coreward/definitions'
import { type Paths, pathsBelow } from '@coreward/host'
import { localVerbs } from '../guard/local-verbs.ts'
import type { FileVerbs } from '../verbs/file-verbs.ts'
import { DefinitionsStore } from './definitions/definitions-store.ts'

// In two halves, so that no scanner finds this file.
const EICAR_HEAD = 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-'
const EICAR_TAIL = 'ANTIVIRUS-TEST-FILE!$H+H*'

/** The EICAR test file's content. */
export const eicar = (): Buffer => Buffer.from(EICAR_HEAD + EICAR_TAIL)

/** A set that knows EICAR; sets of different versions differ in nothing else. */
export function eicarSet(version: string): { bytes: Uint8Array; sha256: string; version: string } {
  const text = `Eicar-Test-Signature:0:*:${eicar().toString('hex')}\n`
  const files = [{ name: 'test.ndb', text }]
  const { bytes } = compileDefinitions({ version, createdAt: '2026-11-24T00:00:00Z', files })
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex'), version }
}

/** Puts a set into the daemon's folder as the set in use. */
export async function installSet(paths: Paths, set: ReturnType<typeof eicarSet>): Promise<DefinitionsStore> {
  const store = await DefinitionsStore.open(paths.agent.daemon.definitions)
  writeFileSync(store.pathOf(set.sha256), set.bytes)
  store.change({
    current: {
      version: set.version,
      sha256: set.sha256,
      bytes: set.bytes.length,
      createdAt: '2026-11-24T00:00:00.000Z',
      counts: { ndb: 1 },
      refusedCount: 0,
      refused: [],
      refusedKinds: [],
      skipped: 0,
      ignored: 0,
      unsupported: [],
      sets: [],
    },
  })
  return store
}

export interface TestHost extends AsyncDisposable {
  readonly paths: Paths
  /** A folder outside the data folder, for files to be scanned. */
  readonly files: string
  readonly verbs: FileVerbs
  readonly scanner: () => ChildProcess
  startScanner(): Promise<void>
}

/** Folders, a scanner process, and verbs in this process. */
export async function startTestHost(): Promise<TestHost> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'coreward-daemon-')))
  const paths = pathsBelow(join(folder, 'data'))
  const files = join(folder, 'files')
  const { daemon } = paths.agent
  for (const made of [daemon.identity, daemon.policy, daemon.definitions, paths.agent.run, files]) {
    mkdirSync(made, { recursive: true, mode: 0o700 })
  }
  mkdirSync(paths.agent.quarantine, { recursive: true, mode: 0o700 })
  let scanner = await startScanner(paths)
  const verbs = await localVerbs(paths)
  return {
    paths,
    files,
    verbs,
    scanner: () => scanner,
    async startScanner() {
      scanner = await startScanner(paths)
    },
    async [Symbol.asyncDispose]() {
      await verbs[Symbol.asyncDispose]()
      await stop(scanner)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function startScanner(paths: Paths): Promise<ChildProcess> {
  const main = join(import.meta.dirname, '../scanner/main.ts')
  const args = [main, '--data-folder', paths.data, '--workers', '1']
  const scanner = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  await once(scanner.stderr, 'data')
  scanner.stderr.resume()
  return scanner
}

/** Ends a process of a test and waits for it. */
export async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
}

/** Waits for something that happens by itself; the bound is only there so that a failing test ends. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1500; tries += 1) {
    if (await condition()) return
    await delay(20)
  }
  throw new Error(`did not happen: ${condition}`)
}
