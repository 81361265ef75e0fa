/**
 * The files that running processes execute or have mapped as code (proc_pid_maps(5)). Paths only: nothing is opened but /proc.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { pathFromBytes } from '@coreward/host'

/** Paths of executable mappings of all processes that this user may look into, each once, in no order. */
export function runningFiles(): string[] {
  const found = new Set<string>()
  for (const pid of readdirOr('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    for (const line of readOr(`/proc/${pid}/maps`).split('\n')) {
      // address perms offset device inode path; newlines in a path are written \012.
      const match = /^\S+ ..x. \S+ \S+ [1-9]\d*\s+(\/.*)$/.exec(line)
      const path = match?.[1]
      if (path === undefined || path.endsWith(' (deleted)')) continue
      found.add(pathFromBytes(Buffer.from(path.replaceAll('\\012', '\n'), 'latin1')))
    }
  }
  return [...found]
}

function readdirOr(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
