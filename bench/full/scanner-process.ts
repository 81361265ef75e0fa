/**
 * The agent's scanner process asked directly, as the guard asks it: how soon it can scan after its start, and what happens while it changes
 * its definitions.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { pathsBelow, serviceUser } from '@coreward/host'
import { processCommand, processEnvironment } from '../../apps/agent/src/launcher/process-command.ts'
import { ScannerClient } from '../../apps/agent/src/verbs/scanner-client.ts'
import { buildAgentIfOld } from '../../tools/build-agent.ts'
import type { AgentUnderTest } from '../agent.ts'

const ROUNDS = 5

/** Seconds from the start of the process to its answer about `file`, the median of some starts; no agent may run on `dataFolder`. */
export async function secondsToReady(
  dataFolder: string,
  definitions: string,
  file: string,
  node: string,
): Promise<number> {
  const seconds: number[] = []
  for (let round = 0; round < ROUNDS; round++)
    seconds.push(await startOnce(dataFolder, definitions, file, node))
  return seconds.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN
}

async function startOnce(
  dataFolder: string,
  definitions: string,
  file: string,
  node: string,
): Promise<number> {
  const client = clientBelow(dataFolder)
  const set = openSync(definitions, 'r')
  const content = openSync(file, 'r')
  // As the launcher starts it: with the code that an agent on this folder has compiled before, which V8 takes under the same flags only.
  const [, ...command] = processCommand('scanner', await buildAgentIfOld())
  const environment = processEnvironment(pathsBelow(dataFolder).agent.codeCache)
  const started = performance.now()
  const child = spawn(node, [...command, '--data-folder', dataFolder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { ...process.env, ...environment },
  })
  try {
    await client.load([set])
    await client.scan([content], {}, () => {})
    return (performance.now() - started) / 1000
  } finally {
    client.close()
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
    for (const fd of [set, content]) closeSync(fd)
  }
}

export interface Swap {
  readonly steadyPss: number
  readonly peakPss: number
  /** The longest time between two answers while the set was changed. */
  readonly pauseSeconds: number
  readonly seconds: number
}

/** Has a running agent's scanner change to another set, and asks it about `file` without a break meanwhile. */
export async function swap(agent: AgentUnderTest, definitions: string, file: string): Promise<Swap> {
  const client = clientBelow(agent.dataFolder)
  const set = openSync(definitions, 'r')
  const content = openSync(file, 'r')
  const steadyPss = agent.pss()
  let peakPss = steadyPss
  const timer = setInterval(() => {
    peakPss = Math.max(peakPss, agent.pss())
  }, 20)
  try {
    const started = performance.now()
    let isLoaded = false
    const loaded = client.load([set]).finally(() => {
      isLoaded = true
    })
    let last = started
    let pause = 0
    while (!isLoaded) {
      await client.scan([content], {}, () => {})
      const now = performance.now()
      pause = Math.max(pause, now - last)
      last = now
    }
    await loaded
    return { steadyPss, peakPss, pauseSeconds: pause / 1000, seconds: (performance.now() - started) / 1000 }
  } finally {
    clearInterval(timer)
    client.close()
    for (const fd of [set, content]) closeSync(fd)
  }
}

function clientBelow(dataFolder: string): ScannerClient {
  const path = pathsBelow(dataFolder).agent.scannerSocket
  const peerUids = [process.getuid?.() ?? 0, serviceUser('scanner').uid]
  return new ScannerClient({ path, peerUids, patienceMilliseconds: 60_000 })
}
