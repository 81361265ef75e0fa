/**
 * Memory of processes as PSS: what is shared counts in equal parts, so a sum over processes counts nothing twice.
 */
import { openSync, readFileSync, readSync } from 'node:fs'

/**
 * PSS of a process in bytes (/proc/PID/smaps_rollup); null where it is gone, another user's, or the system has no such thing. A process can
 * always read its own.
 */
export function readPss(pid: number | 'self' = 'self'): number | null {
  try {
    return parsePss(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))
  } catch {
    return null
  }
}

/**
 * A reader of this process's own PSS that opens no path later: for a process that is about to give up the right to.
 * Null where the system does not tell.
 */
export function openOwnPss(): () => number | null {
  let fd: number
  try {
    fd = openSync('/proc/self/smaps_rollup', 'r')
  } catch {
    return () => null
  }
  const buffer = Buffer.alloc(4096)
  return () => {
    try {
      return parsePss(buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0)))
    } catch {
      return null
    }
  }
}

function parsePss(text: string): number | null {
  const match = /^Pss:\s+(\d+) kB$/m.exec(text)
  return match === null ? null : Number(match[1]) * 1024
}
