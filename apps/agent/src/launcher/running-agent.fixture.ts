/**
 * The whole agent as its launcher runs it, on a data folder of its own and without a server, with definitions that know EICAR. Never
 * imported by production code.
 */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Paths, pathsBelow, serviceUser } from '@coreward/host'
import { type CallAgent, controlClient } from '../cli/control-client.ts'
import { eicarSet, installSet, until } from '../daemon/agent.fixture.ts'
import { prepareFolders } from '../prepare-folders.ts'
import { type AgentProcesses, startAgentProcesses } from './agent-processes.ts'

const isRoot = process.getuid?.() === 0

export interface AgentFolder {
  readonly folder: string
  readonly paths: Paths
  /** A folder outside the data folder, for files to be scanned. */
  readonly files: string
  readonly call: CallAgent
}

/** A data folder that is ready to start on; `dataFolder` below the temporary folder. */
export async function makeAgentFolder(dataFolder = 'data'): Promise<AgentFolder> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'coreward-agent-')))
  // The service users pass through.
  chmodSync(folder, 0o711)
  const paths = pathsBelow(join(folder, dataFolder))
  const files = join(folder, 'files')
  mkdirSync(files, { mode: 0o700 })
  const daemon = serviceUser('daemon')
  prepareFolders(paths, isRoot ? { daemon } : undefined)
  const { definitions } = paths.agent.daemon
  const set = eicarSet('test-1')
  const store = await installSet(paths, set)
  if (isRoot) {
    const file = store.pathOf(set.sha256)
    const owned = [definitions, dirname(file), file, join(definitions, 'sets.json')]
    for (const path of owned) chownSync(path, daemon.uid, daemon.gid)
  }
  return { folder, paths, files, call: controlClient(paths.agent.controlSocket) }
}

export interface RunningAgent extends AgentFolder, AsyncDisposable {
  readonly agent: AgentProcesses
  readonly notes: readonly string[]
  pidOf(name: 'guard' | 'scanner' | 'daemon'): number | null
}

/** Starts the agent; resolves when its daemon answers. */
export async function startRunningAgent(): Promise<RunningAgent> {
  const made = await makeAgentFolder()
  const notes: string[] = []
  const agent = await startAgentProcesses({
    dataFolder: made.paths.data,
    workers: 1,
    onNote: (note) => void notes.push(note),
  })
  await until(() => answers(made.call))
  return {
    ...made,
    agent,
    notes,
    pidOf: (name) => agent.processes().find((each) => each.name === name)?.pid ?? null,
    async [Symbol.asyncDispose]() {
      await agent.stop()
      rmSync(made.folder, { recursive: true })
    },
  }
}

/** Whether a daemon answers there. */
export async function answers(call: CallAgent): Promise<boolean> {
  return call('status', {}).then(
    () => true,
    () => false,
  )
}
