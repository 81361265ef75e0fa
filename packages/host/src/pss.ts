/**
 * Memory of processes as PSS: what is shared counts in equal parts, so a sum over processes counts nothing twice.
 */
import { readFileSync } from 'node:fs'

/**
 * PSS of a process in bytes (/proc/PID/smaps_rollup); null where it is gone, another user's, or the system has no such thing. A process can
 * always read its own.
 */
export function readPss(pid: number | 'self' = 'self'): number | null {
  try {
    const match = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))
    return match === null ? null : Number(match[1]) * 1024
  } catch {
    return null
  }
}
