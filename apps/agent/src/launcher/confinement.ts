/**
 * What each process may keep of root, and how it is started so (setpriv(1), unshare(1), capabilities(7)). What this system lacks is
 * told as data and the agent goes on.
 */
import { spawnSync } from 'node:child_process'

/** What is missing. `not-root`: only what this user may read is scanned, and there is no guard. */
export type Degradation = 'not-root' | 'scanner-has-network' | 'capabilities-not-limited'

export interface Confinement {
  readonly isRoot: boolean
  readonly degradations: readonly Degradation[]
  /** The words that go before a command. */
  prefix(role: 'guard' | 'scanner' | 'daemon'): readonly string[]
}

/** Reading and moving any file with all that belongs to it; sys_ptrace to see what other users' processes run. */
const guardCapabilities = 'dac_override,dac_read_search,fowner,chown,fsetid,setfcap,sys_ptrace'
/** To load code and make its socket as root, then become another user; all gone by then. */
const dropperCapabilities = 'dac_override,dac_read_search,fowner,chown,setuid,setgid'

/** Finds out what can be had here, by trying it. */
export function findConfinement(isRoot = process.getuid?.() === 0): Confinement {
  const degradations: Degradation[] = isRoot ? [] : ['not-root']
  // A user namespace of its own lets an ordinary user have an empty network namespace too, where the kernel allows that.
  const unshare = isRoot ? ['unshare', '--net'] : ['unshare', '--map-current-user', '--net']
  const canUnshare = works([...unshare, 'true'])
  if (!canUnshare) degradations.push('scanner-has-network')
  const canLimit = works(['setpriv', '--no-new-privs', 'true'])
  const canBound = isRoot && canLimit && works([...bounded(guardCapabilities), 'true'])
  if (isRoot ? !canBound : !canLimit) degradations.push('capabilities-not-limited')
  return {
    isRoot,
    degradations,
    prefix(role) {
      const network = canUnshare && role !== 'daemon' ? unshare : []
      if (canBound)
        return [...network, ...bounded(role === 'guard' ? guardCapabilities : dropperCapabilities)]
      return canLimit ? [...network, 'setpriv', '--no-new-privs'] : network
    },
  }
}

function bounded(capabilities: string): string[] {
  const kept = capabilities.split(',').map((name) => `+${name}`)
  return ['setpriv', '--no-new-privs', '--bounding-set', ['-all', ...kept].join(',')]
}

function works([command = '', ...parameters]: readonly string[]): boolean {
  return spawnSync(command, parameters, { stdio: 'ignore', timeout: 10_000 }).status === 0
}
