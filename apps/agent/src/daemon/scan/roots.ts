/**
 * Where each kind of scan looks, and what lies below that is out of scope: the kernel's own file systems, other machines' disks,
 * and our quarantine and definitions, which hold by design what a scan looks for.
 */
import { realpath } from 'node:fs/promises'
import type { ScanRequest } from '@coreward/contracts'
import { displayPath, type Mount, type Paths, pathFromBytes, pathToBytes } from '@coreward/host'
import { EntryPage } from '../../verbs/entry-page.ts'
import type { FileVerbs, FolderPage } from '../../verbs/file-verbs.ts'
import { ScanError } from './scan-error.ts'

/** Where malware on servers starts, hides and stays, besides what runs. Home folders are listed one by one below. */
const quickFolders: readonly string[] = [
  // Started by the system.
  '/etc/cron.d',
  '/etc/cron.daily',
  '/etc/cron.hourly',
  '/etc/cron.monthly',
  '/etc/cron.weekly',
  '/etc/crontab',
  '/etc/init.d',
  '/etc/ld.so.preload',
  '/etc/modules-load.d',
  '/etc/profile',
  '/etc/profile.d',
  '/etc/rc.local',
  '/etc/ssh',
  '/etc/systemd',
  '/etc/udev/rules.d',
  '/etc/update-motd.d',
  '/var/spool/cron',
  // Written by anyone.
  '/dev/shm',
  '/tmp',
  '/var/tmp',
  // Installed by hand.
  '/usr/local',
  // Served to the network.
  '/srv/www',
  '/usr/share/nginx',
  '/var/www',
]

/** In a home folder: what a shell reads, what a session starts, and the keys that let others in. */
const homeNames: readonly string[] = [
  '.bash_login',
  '.bash_logout',
  '.bash_profile',
  '.bashrc',
  '.config/autostart',
  '.config/systemd',
  '.local/bin',
  '.profile',
  '.ssh',
  '.zprofile',
  '.zshenv',
  '.zshrc',
]

/** The roots of a quick scan: the fixed ones, homes, what is loaded and running, and `extra`. */
export async function quickRoots(
  verbs: Pick<FileVerbs, 'runningFiles' | 'list'>,
  kernel: string,
  extra: readonly string[],
): Promise<string[]> {
  const [running, homes] = await Promise.all([verbs.runningFiles(), homeFolders(verbs)])
  return [
    ...extra,
    ...quickFolders,
    // Modules that were built or dropped on this host; those of packages come signed and are in full scans.
    `/lib/modules/${kernel}/extra`,
    `/lib/modules/${kernel}/updates`,
    `/usr/lib/modules/${kernel}/extra`,
    `/usr/lib/modules/${kernel}/updates`,
    ...homes.flatMap((home) => homeNames.map((name) => `${home}/${name}`)),
    ...running,
  ]
}

async function homeFolders(verbs: Pick<FileVerbs, 'list'>): Promise<string[]> {
  const homes = ['/root']
  try {
    for (let what: readonly string[] | string | undefined = ['/home']; what !== undefined; ) {
      const { entries, next }: FolderPage = await verbs.list(what)
      const page = new EntryPage(entries)
      for (let kind = page.next(); kind !== undefined; kind = page.next()) {
        if (kind === 'folder') homes.push(`/home/${page.nameOf(page.stateAt)}`)
      }
      what = next
    }
  } catch {
    // Not there, or not to be listed by this user: the running files and the rest are scanned all the same.
  }
  return homes
}

/** The roots of a full scan: all, and what is mounted below a file system that is out of scope, such as /dev/shm. */
export function fullRoots(mounts: readonly Mount[]): string[] {
  return ['/', ...mounts.filter(({ kind }) => kind === 'local').map(({ path }) => path)]
}

/** The roots of a custom scan: the paths named, a link among them followed. Throws ScanError `path.missing`. */
export async function customRoots(
  verbs: Pick<FileVerbs, 'stat'>,
  request: Pick<ScanRequest, 'paths'>,
): Promise<string[]> {
  return Promise.all(
    request.paths.map(async (path) => {
      const named = path.length > 1 && path.endsWith('/') ? path.replace(/\/+$/, '') || '/' : path
      const status = named.startsWith('/') ? await verbs.stat(named) : null
      if (status === null) {
        throw new ScanError(
          'path.missing',
          `${displayPath(path)} does not exist; name a file or a folder by its whole path.`,
        )
      }
      if (status.kind !== 'link') return named
      try {
        return pathFromBytes(await realpath(pathToBytes(named), 'buffer'))
      } catch (cause) {
        throw new ScanError('path.missing', `${displayPath(path)} is a link that leads nowhere.`, cause)
      }
    }),
  )
}

/**
 * Answers whether a folder, or a file named as a root, is out of scope. A mount that was named as a root is in scope whatever lies
 * there, except for the kernel's own; what is ours stays out of scope however it is named.
 */
export function outOfScope(options: {
  readonly mounts: readonly Mount[]
  readonly roots: readonly string[]
  readonly networkFileSystems: boolean
  readonly paths: Paths
}): (path: string) => boolean {
  const { mounts, roots, networkFileSystems, paths } = options
  const own = [paths.agent.quarantine, paths.agent.daemon.definitions, paths.server.tuf]
  const skipped = new Set(own)
  const last = new Map(mounts.map((mount) => [mount.path, mount.kind]))
  for (const [path, kind] of last) {
    if (kind === 'virtual' || (kind === 'network' && !networkFileSystems && !roots.includes(path)))
      skipped.add(path)
  }
  return (path) => skipped.has(path) || own.some((folder) => path.startsWith(`${folder}/`))
}

/** Whether one of the paths lies on a file system of another machine. */
export function liesOnNetwork(mounts: readonly Mount[], paths: readonly string[]): boolean {
  const kinds = new Map(mounts.map(({ path, kind }) => [path, kind]))
  return paths.some((path) => {
    for (let folder = path; ; folder = folder.slice(0, Math.max(1, folder.lastIndexOf('/')))) {
      const kind = kinds.get(folder)
      if (kind !== undefined || folder === '/') return kind === 'network'
    }
  })
}

/** Somebody named a path that no scan looks at: a result about nothing must not look like a clean one. */
export function outOfScopeError(path: string): ScanError {
  return new ScanError(
    'path.out-of-scope',
    `${displayPath(path)} is out of scope of every scan: it is the kernel's own file system, or holds this agent's quarantine or definitions. Name another path.`,
  )
}

/** The roots in their order, without those that are reached from another one: no folder between the two is out of scope. */
export function withoutNested(roots: readonly string[], pruned: (path: string) => boolean): string[] {
  const kept = new Set<string>()
  for (const root of [...new Set(roots)].sort((a, b) => a.length - b.length)) {
    let folder = root
    let reached = false
    while (folder !== '/' && !reached && !pruned(folder)) {
      folder = folder.slice(0, Math.max(1, folder.lastIndexOf('/')))
      reached = kept.has(folder) && !pruned(folder)
    }
    if (!reached) kept.add(root)
  }
  return [...new Set(roots)].filter((root) => kept.has(root))
}
