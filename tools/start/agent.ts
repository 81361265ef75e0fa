/**
 * The agent on this machine: its processes, enrolled with the server that was just started, with definitions loaded.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { AgentStatus } from '@coreward/contracts'
import { pathsBelow } from '@coreward/host'
import type { CallAgent } from '../../apps/agent/src/cli/control-client.ts'
import { controlClient } from '../../apps/agent/src/cli/control-client.ts'
import { hasExpired, readIdentity } from '../../apps/agent/src/daemon/uplink/identity.ts'
import { type AgentProcesses, startAgentProcesses } from '../../apps/agent/src/launcher/agent-processes.ts'

/** How long the agent may take to answer, to enrol, and to load definitions, each, in milliseconds. */
const patience = 60_000

/** An agent whose processes run. */
export interface RunningAgent {
  readonly processes: AgentProcesses
  readonly call: CallAgent
}

/** Starts the processes, of the build `programs` if there is one. `makeToken` is asked when this machine's agent has to enrol, for the first time or anew. */
export async function startAgent(
  dataFolder: string,
  serverUrl: string,
  makeToken: () => Promise<string>,
  programs: string | undefined,
): Promise<RunningAgent> {
  const identity = await readIdentity(pathsBelow(dataFolder).agent.daemon.identity)
  const mustEnroll = identity === undefined || hasExpired(identity)
  const processes = await startAgentProcesses({
    dataFolder,
    ...(programs === undefined ? {} : { programs }),
    daemonArguments: ['--server', serverUrl],
    ...(mustEnroll ? { daemonEnvironment: { COREWARD_ENROLLMENT_TOKEN: await makeToken() } } : {}),
  })
  const call = controlClient(processes.paths.agent.controlSocket)
  return { processes, call }
}

/** Waits until the agent is connected and has definitions. Throws Error with what the agent says is wrong when it does not. */
export async function untilProtecting(agent: RunningAgent, signal: AbortSignal): Promise<AgentStatus> {
  const end = Date.now() + patience
  let last: unknown
  while (Date.now() < end) {
    signal.throwIfAborted()
    try {
      const status = await agent.call('status', {})
      if (status.connected && status.versions.definitions !== null) return status
      last = status.findings.map((finding) => finding.text).join(' ')
    } catch (error) {
      last = error instanceof Error ? error.message : error
    }
    await sleep(100)
  }
  throw new Error(
    `The agent is not ready after ${patience / 1000} s: ${last}. Its logs are in ${agent.processes.paths.agent.log}`,
  )
}
