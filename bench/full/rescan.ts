/**
 * What it costs to scan a tree that has not changed, beside the CPU time that `find` needs to ask the system for the same facts.
 */
import { spawnSync } from 'node:child_process'
import type { AgentUnderTest } from '../agent.ts'

const ROUNDS = 5

export interface Rescan {
  readonly agentSeconds: number
  readonly findSeconds: number
  readonly files: number
  /** Files that were read again although nothing changed. */
  readonly readAgain: number
}

/** Scans the tree once to know it, then again and again; the median of each side. */
export async function rescan(agent: AgentUnderTest, tree: string): Promise<Rescan> {
  await agent.scanFolder(tree, { fresh: false })
  const scans = []
  for (let round = 0; round < ROUNDS; round++) scans.push(await agent.scanFolder(tree, { fresh: false }))
  const last = scans.at(-1)
  return {
    agentSeconds: median(scans.map(({ cpuSeconds }) => cpuSeconds)),
    findSeconds: median(Array.from({ length: ROUNDS }, () => findCpuSeconds(tree))),
    files: last?.files ?? 0,
    readAgain: (last?.files ?? 0) - (last?.unchanged ?? 0),
  }
}

/** User and system time of `find` alone, as a shell tells it of its children (POSIX `times`). */
function findCpuSeconds(tree: string): number {
  const script = 'find "$1" -printf "%i %s %C@\\n" >/dev/null; times'
  const { stdout } = spawnSync('bash', ['-c', script, 'bash', tree], { encoding: 'utf8' })
  const [, ...times] = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(stdout) ?? []
  const [userMinutes = 0, user = 0, systemMinutes = 0, system = 0] = times.map(Number)
  return userMinutes * 60 + user + systemMinutes * 60 + system
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
