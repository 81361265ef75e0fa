/**
 * The agent's folders with the owners and modes that keep its processes apart. Run before any of them starts.
 */
import { chmodSync, chownSync, lstatSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { HostError, hostError, type Paths, type ServiceUser } from '@coreward/host'

interface Folder {
  readonly path: string
  readonly mode: number
  readonly owner?: { readonly uid: number; readonly gid: number }
}

/**
 * Makes all folders. `users` is given when root prepares them for service users; else all is the caller's own and 0700.
 * Throws HostError: `permission` when a service user could not reach the data folder, with the folder to blame.
 */
export function prepareFolders(paths: Paths, users?: { readonly daemon: ServiceUser }): void {
  const { agent } = paths
  if (users === undefined) {
    for (const path of [
      paths.data,
      agent.folder,
      agent.log,
      agent.codeCache,
      agent.run,
      agent.daemon.folder,
      agent.quarantine,
    ]) {
      prepare({ path, mode: 0o700 })
    }
    return
  }
  const root = { uid: 0, gid: 0 }
  const folders: Folder[] = [
    // Others pass through to what is theirs; they list nothing.
    { path: paths.data, mode: 0o711 },
    { path: agent.folder, mode: 0o711, owner: root },
    { path: agent.log, mode: 0o700, owner: root },
    { path: agent.codeCache, mode: 0o700, owner: root },
    // The daemon makes its socket here; sticky, so that it cannot replace the others'.
    { path: agent.run, mode: 0o1771, owner: { uid: 0, gid: users.daemon.gid } },
    { path: agent.daemon.folder, mode: 0o700, owner: users.daemon },
    { path: agent.quarantine, mode: 0o700, owner: root },
  ]
  for (const folder of folders) prepare(folder)
  assertReachable(paths.data, users.daemon)
}

function prepare({ path, mode, owner }: Folder): void {
  try {
    mkdirSync(path, { recursive: true, mode })
    const status = lstatSync(path)
    const self = process.getuid?.() ?? 0
    if (!status.isDirectory() || (status.uid !== self && status.uid !== owner?.uid)) {
      throw new HostError(
        'exists',
        `${path} is not a folder of ours; move it away or name another data folder.`,
      )
    }
    if (owner !== undefined) chownSync(path, owner.uid, owner.gid)
    chmodSync(path, mode)
  } catch (error) {
    throw hostError(`prepare ${path}`, error)
  }
}

/** Every folder above must let the service user pass. */
function assertReachable(folder: string, user: ServiceUser): void {
  for (let path = folder; ; path = dirname(path)) {
    const { mode, uid, gid } = statSync(path)
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) {
      throw new HostError(
        'permission',
        `User ${user.name} (${user.uid}) cannot pass through ${path}: choose a data folder elsewhere, or run "chmod o+x ${path}".`,
      )
    }
    if (path === dirname(path)) return
  }
}
