/**
 * Keeps the server running: one that ends by itself is started again on the same ports, unless it ended soon after its start,
 * which the next attempt would do as well. Agents bridge the gap with their spools.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { StartOptions } from './options.ts'
import type { RunningServer } from './server.ts'
import { say } from './step.ts'

/** A server that ended before it ran this long, in milliseconds, is not started again. */
const shortest = 5_000

/** A server that is started again when it ends. */
export interface KeptServer {
  /** Rejects with Error when the server could not be kept running; never resolves. */
  readonly lost: Promise<never>
  stop(): Promise<void>
}

/** Ctrl-C reaches the server as well, which may be gone before this process has heard of it; in milliseconds. */
const hearsay = 200

/** Watches `first` until `signal`; `start` starts its successors. */
export function keepServer(
  first: RunningServer,
  start: () => Promise<RunningServer>,
  signal: AbortSignal,
): KeptServer {
  let stopping = false
  let server = first
  let starting: Promise<unknown> = Promise.resolve()

  async function watch(): Promise<never> {
    for (;;) {
      const since = Date.now()
      const code = await server.ended
      await sleep(hearsay)
      if (stopping || signal.aborted) return new Promise(() => undefined)
      const how = code === null ? 'was killed' : `ended by itself with ${code}`
      if (Date.now() - since < shortest)
        throw new Error(`The server ${how} soon after its start; its log is in the data folder.`)
      say(`The server ${how}. It is started again …`)
      const next = start()
      starting = next
      server = await next
      say('The server runs again.')
    }
  }

  const lost = watch()
  // Whoever waits for it hears of it; until then it must not count as unhandled.
  lost.catch(() => undefined)
  return {
    lost,
    async stop() {
      stopping = true
      await starting.catch(() => undefined)
      await server.stop()
    },
  }
}

/** The options with the ports that a running server got, where they were left to the system. */
export function samePorts(options: StartOptions, { ready }: RunningServer): StartOptions {
  return {
    ...options,
    agentPort: portOf(ready.agentUrl),
    consolePort: portOf(ready.consoleUrl),
  }
}

/** A URL leaves out its scheme's own port. */
function portOf(url: string): number {
  const { port, protocol } = new URL(url)
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}
