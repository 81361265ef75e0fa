/**
 * What a running process costs, read from /proc: CPU time and PSS. Linux only. It never touches the process.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

// sysconf(_SC_CLK_TCK): the unit of CPU times in /proc/PID/stat.
const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout.trim() || 100)

/** User and system CPU seconds of all threads of a process so far, in steps of a clock tick. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // Fields count from after the command name, which stands in brackets and may hold spaces: proc(5), fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** Proportional set size in bytes, or 0 when the process is gone. */
export function pssBytes(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1024
  } catch {
    // It ended between two readings, or is a zombie whose memory is already gone.
    return 0
  }
}

/** Reads PSS every 100 ms until stopped; the answer is the highest seen. */
export function watchPss(pid: number): { stop(): number } {
  let peak = pssBytes(pid)
  const timer = setInterval(() => {
    peak = Math.max(peak, pssBytes(pid))
  }, 100)
  return {
    stop() {
      clearInterval(timer)
      return Math.max(peak, pssBytes(pid))
    },
  }
}

/** A process and its command line, shortened to what tells it from its siblings. */
export interface ProcessMemory {
  readonly pid: number
  readonly command: string
  readonly pss: number
}

/** A process and all its descendants with their PSS, oldest first; empty when there is no such process. */
export function memoryBelow(root: number): ProcessMemory[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(Number(name)) : undefined
    if (parent !== undefined) parents.set(Number(name), parent)
  }
  const isBelow = (pid: number | undefined): boolean => pid === root || (!!pid && isBelow(parents.get(pid)))
  return [...parents.keys()]
    .filter(isBelow)
    .sort((a, b) => a - b)
    .map((pid) => ({ pid, command: commandOf(pid), pss: pssBytes(pid) }))
}

function parentOf(pid: number): number | undefined {
  return readOfProcess(pid, 'status', (text) => Number(/^PPid:\s+(\d+)$/m.exec(text)?.[1]))
}

function commandOf(pid: number): string {
  const short = (text: string) => text.split('\0').slice(0, 2).join(' ').slice(-60)
  return readOfProcess(pid, 'cmdline', short) ?? ''
}

function readOfProcess<T>(pid: number, file: string, read: (text: string) => T): T | undefined {
  try {
    return read(readFileSync(`/proc/${pid}/${file}`, 'utf8'))
  } catch {
    // The process ended since the folder was listed.
    return undefined
  }
}
