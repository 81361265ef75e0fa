/**
 * Giving up privileges for good, after everything has been loaded ("load, then drop"). What it promises is checked, not hoped:
 * a process that could have them back does not go on.
 */
import { HostError } from '../host-error.ts'
import { callError, calls } from './system-calls.ts'

const PR_SET_DUMPABLE = 4
const PR_SET_NO_NEW_PRIVS = 38
const PR_GET_NO_NEW_PRIVS = 39
const RLIMIT_CORE = 4

/** No core file of this process ever: it would hold scanned content. Process-wide. */
export function forbidCoreFiles(): void {
  if (calls.setrlimit(RLIMIT_CORE, Buffer.alloc(16)) < 0) throw callError('forbid core files')
}

/**
 * No program started from here gains rights by a set-uid bit or file capabilities (no_new_privs, prctl(2)). Holds for the calling thread
 * and its children; threads that run already have it only when the process was started with it, as the launcher does.
 */
export function forbidNewPrivileges(): void {
  if (
    calls.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
    calls.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) !== 1
  ) {
    throw callError('forbid new privileges')
  }
}

/**
 * Becomes an ordinary user in all threads, with no other groups and no capability, for good. Only root can; call it once, last.
 * Throws HostError `privileges` when it fails or could be undone.
 */
export function dropPrivileges(uid: number, gid: number): void {
  const { setgroups, setgid, setuid, getuid, getgid, getgroups, geteuid } = process
  if (setgroups === undefined || setgid === undefined || setuid === undefined) {
    throw new HostError('unsupported', `Privileges cannot be given up on ${process.platform}.`)
  }
  if (uid === 0 || gid === 0)
    throw new HostError('privileges', 'Privileges are dropped to an ordinary user, not to root.')
  forbidCoreFiles()
  try {
    // This order: groups can no longer be changed once the user has been.
    setgroups.call(process, [])
    setgid.call(process, gid)
    setuid.call(process, uid)
  } catch (error) {
    throw new HostError('privileges', `Could not become user ${uid}, group ${gid}; only root can.`, error)
  }
  forbidNewPrivileges()
  // Set-uid clears it already; said again so that other processes of this user cannot trace this one.
  calls.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
  const extra = getgroups?.().filter((group) => group !== gid) ?? []
  if (
    getuid?.() !== uid ||
    geteuid?.() !== uid ||
    getgid?.() !== gid ||
    extra.length > 0 ||
    canUndo(setuid)
  ) {
    throw new HostError('privileges', `The process is not wholly user ${uid}; it must not go on.`)
  }
}

function canUndo(setuid: NonNullable<typeof process.setuid>): boolean {
  try {
    setuid.call(process, 0)
    return true
  } catch {
    return false
  }
}
