/**
 * What a running process costs, read from /proc: CPU time and PSS. Linux only. It never touches the process.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

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
