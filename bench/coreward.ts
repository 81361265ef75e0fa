/**
 * Our engine under test: a process of its own that holds the compiled definitions and its workers, as on a host, but
 * opens the files itself. Compiling the signatures is the server's work and is not part of the load time.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { EngineUnderTest, ScanCost } from './engine-under-test.ts'
import { cpuSeconds, pssBytes, watchPss } from './process-cost.ts'

/** What bench/coreward-scanner.ts answers when it has scanned a list. */
export interface Scanned {
  readonly found: readonly (readonly [path: string, signature: string])[]
  readonly unscanned: readonly string[]
  readonly bytesRead: number
}

/** Starts the scanning process with a file of compiled definitions, run by the program `node`. */
export async function startCoreward(
  definitionsFile: string,
  { workers = 1, node = process.execPath } = {},
): Promise<EngineUnderTest> {
  const started = performance.now()
  const main = join(import.meta.dirname, 'coreward-scanner.ts')
  const child = fork(main, [definitionsFile, String(workers)], { execPath: node })
  await answer(child)
  const pid = child.pid ?? 0
  return {
    name: 'engine',
    loadSeconds: (performance.now() - started) / 1000,
    idlePss: pssBytes(pid),
    async scan(paths): Promise<ScanCost> {
      const pss = watchPss(pid)
      const cpuBefore = cpuSeconds(pid)
      const from = performance.now()
      child.send(paths)
      const scanned = (await answer(child)) as Scanned
      return {
        wallSeconds: (performance.now() - from) / 1000,
        cpuSeconds: cpuSeconds(pid) - cpuBefore,
        peakPss: pss.stop(),
        found: new Map(scanned.found),
        unscanned: scanned.unscanned,
        bytesRead: scanned.bytesRead,
      }
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

function answer(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`our scanning process ended with ${code}`))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(message)
    })
  })
}
