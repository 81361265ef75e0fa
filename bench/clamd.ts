/**
 * Stock clamd under test: started by the benchmark with a configuration of its own in a temporary folder, asked over a
 * unix socket for one file at a time within one IDSESSION, and ended by its process id. Its clean cache is off, for
 * with it a file seen before costs only its hash.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type EngineUnderTest, limits, type ScanCost } from './engine-under-test.ts'
import { cpuSeconds, pssBytes, watchPss } from './process-cost.ts'

export interface ClamdUnderTest extends EngineUnderTest {
  /** What it said of its signatures while it loaded them: their number, and each complaint. */
  readonly log: string
}

/** Starts clamd on a folder of signatures; `folder` receives its configuration, socket and temporary files. */
export async function startClamd(signatures: string, folder: string): Promise<ClamdUnderTest> {
  const socketPath = join(folder, 'clamd.sock')
  const configuration = join(folder, 'clamd.conf')
  const logFile = join(folder, 'clamd.log')
  mkdirSync(join(folder, 'clamd-tmp'))
  writeFileSync(
    configuration,
    [
      `DatabaseDirectory ${signatures}`,
      `LocalSocket ${socketPath}`,
      `TemporaryDirectory ${join(folder, 'clamd-tmp')}`,
      `LogFile ${logFile}`,
      'Foreground yes',
      'DisableCache yes',
      'MaxThreads 1',
      'SelfCheck 0',
      `MaxFileSize ${limits.fileBytes}`,
      `MaxScanSize ${limits.contentBytes}`,
      `MaxScanTime ${limits.seconds * 1000}`,
      'AlertExceedsMax yes',
      '',
    ].join('\n'),
  )
  const started = performance.now()
  const child = spawn('clamd', ['--config-file', configuration], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  while (!existsSync(socketPath)) {
    if (child.exitCode !== null) throw new Error(`clamd ended with ${child.exitCode}: ${output}`)
    await sleep(10)
  }
  const socket = connect(socketPath)
  await once(socket, 'connect')
  const replies = readReplies(socket)
  socket.write('zIDSESSION\0zPING\0')
  await replies.next()
  const loadSeconds = (performance.now() - started) / 1000
  const pid = child.pid ?? 0
  return {
    name: 'clamd',
    log: `${readFileSync(logFile, 'utf8')}\n${output}`
      .split('\n')
      .filter((line) => /Loaded \d+ signatures|LibClamAV/.test(line))
      .join(' '),
    loadSeconds,
    idlePss: pssBytes(pid),
    async scan(paths): Promise<ScanCost> {
      const pss = watchPss(pid)
      const cpuBefore = cpuSeconds(pid)
      const from = performance.now()
      const found = new Map<string, string>()
      const unscanned: string[] = []
      for (const path of paths) {
        socket.write(`zSCAN ${path}\0`)
        const reply = (await replies.next()).value ?? ''
        const signature = /: (\S+) FOUND$/.exec(reply)?.[1]
        if (signature?.startsWith('Heuristics.Limits.Exceeded')) unscanned.push(path)
        else if (signature !== undefined) found.set(path, signature)
        else if (!reply.endsWith(': OK')) unscanned.push(path)
      }
      return {
        wallSeconds: (performance.now() - from) / 1000,
        cpuSeconds: cpuSeconds(pid) - cpuBefore,
        peakPss: pss.stop(),
        found,
        unscanned,
      }
    },
    async [Symbol.asyncDispose]() {
      socket.destroy()
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function* readReplies(socket: Socket): AsyncGenerator<string, undefined> {
  let rest = ''
  for await (const chunk of socket) {
    const parts = (rest + chunk).split('\0')
    rest = parts.pop() ?? ''
    yield* parts
  }
  throw new Error('clamd closed the connection')
}
