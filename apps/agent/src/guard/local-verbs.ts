/**
 * The file verbs, done in this process: the guard's whole work, and the daemon's own when an ordinary user started it. Joins the
 * quarantine, the folder listings and the scanner process; reads no content of a scanned file.
 */
import { closeSync, lstatSync } from 'node:fs'
import { openOwnPss, type Paths, pathToBytes, systemCode } from '@coreward/host'
import type { FileVerbs } from '../verbs/file-verbs.ts'
import { ScannerClient } from '../verbs/scanner-client.ts'
import type { ProcessHealth } from '../verbs/verbs-health.ts'
import { FolderListings } from './folder-listings.ts'
import { identityOf, kindOf, openRegularFile, pathError } from './open-file.ts'
import { QuarantineStore } from './quarantine-store.ts'
import { runningFiles } from './running-files.ts'
import { scanDescriptor, scanPaths } from './scan-paths.ts'

export interface LocalVerbsOptions {
  /** Users whom the scanner's socket may belong to; this process's own by default, and root. */
  readonly scannerUids?: readonly number[]
  /** Whether `health` tells of this process as the guard. Default false. */
  readonly isGuard?: boolean
}

/** Opens the quarantine (see QuarantineStore.open) and gives the verbs. The scanner is connected to when first needed. */
export async function localVerbs(
  paths: Pick<Paths, 'agent'>,
  options: LocalVerbsOptions = {},
): Promise<FileVerbs> {
  const quarantine = await QuarantineStore.open(paths)
  const listings = new FolderListings()
  const scanner = new ScannerClient({
    path: paths.agent.scannerSocket,
    peerUids: options.scannerUids ?? [process.getuid?.() ?? 0, 0],
  })
  const ownPss = openOwnPss()
  const startedAt = new Date(Date.now() - process.uptime() * 1000).toISOString()
  const guard = (): ProcessHealth => ({ pid: process.pid, pssBytes: ownPss(), startedAt })

  return {
    list: async (what) => listings.page(what),
    async stat(path) {
      try {
        const status = lstatSync(pathToBytes(path), { bigint: true })
        return { kind: kindOf(status), identity: identityOf(status) }
      } catch (error) {
        const code = systemCode(error)
        if (code === 'ENOENT' || code === 'ENOTDIR') return null
        throw pathError(path, error)
      }
    },
    runningFiles: async () => runningFiles(),
    scan: (some, scanOptions, onAnswer) => scanPaths(scanner, some, scanOptions, onAnswer),
    quarantine: (path, reason) => quarantine.add(path, reason),
    quarantined: async () => quarantine.items(),
    scanQuarantined: (id, scanOptions = {}) =>
      quarantine.lend(id, async (fd, size) => ({
        result: await scanDescriptor(scanner, fd, size, scanOptions),
        identity: null,
      })),
    restore: (id, restoreOptions = {}) => quarantine.restore(id, restoreOptions),
    remove: (id) => quarantine.remove(id),
    async loadDefinitions(path, additions) {
      const opened: number[] = []
      const open = (one: string) => {
        const { fd } = openRegularFile(one)
        opened.push(fd)
        return fd
      }
      try {
        const set = open(path)
        return await scanner.load(additions === undefined ? [set] : [set, open(additions)])
      } finally {
        for (const fd of opened) closeSync(fd)
      }
    },
    health: async () => ({
      guard: options.isGuard === true ? guard() : null,
      scanner: await scanner.health(),
      quarantineRecovery: quarantine.recovery,
    }),
    async [Symbol.asyncDispose]() {
      listings.close()
      scanner.close()
    },
  }
}
