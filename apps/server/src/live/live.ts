/**
 * What open consoles hear as it happens, and the numbers of their first page. Each number is counted by the same rule as the
 * list behind its link, by the slice that owns the list.
 */
import type { LiveMessage, Overview } from '@coreward/contracts'
import { type Subscriber, subscription } from './store.ts'

/** The lists that the first page's numbers link to; each function counts what its list would show. */
export interface Countable {
  readonly agents: (query: {
    health?: 'healthy' | 'warning' | 'critical' | 'unknown'
    detections?: 'active'
    outdated?: 'definitions' | 'policy'
  }) => Promise<number>
  readonly detections: (query: {
    state?: 'active' | 'quarantined'
    firstSeenFrom?: string
    firstSeenBefore?: string
  }) => Promise<number>
  readonly scans: (query: { state: 'running' }) => Promise<number>
}

export type Live = ReturnType<typeof createLive>

/** Proxies commonly cut a connection that is silent for 30 or 60 seconds. */
const keepAliveMilliseconds = 15_000
const dayMilliseconds = 86_400_000
const trendDays = 14

/** The hub. `stopping` closes every stream. */
export function createLive(options: { readonly stopping: AbortSignal; readonly now?: () => Date }) {
  const now = options.now ?? (() => new Date())
  const subscribers = new Set<Subscriber>()
  const keepAlive = setInterval(() => {
    for (const subscriber of subscribers) subscriber.send(': still here\n\n')
  }, keepAliveMilliseconds)
  keepAlive.unref()
  options.stopping.addEventListener('abort', () => {
    clearInterval(keepAlive)
    for (const subscriber of subscribers) subscriber.close()
  })

  return {
    /** Sends a change to every open console. */
    publish(message: LiveMessage): void {
      const text = `data: ${JSON.stringify(message)}\n\n`
      for (const subscriber of subscribers) subscriber.send(text)
    },

    /** A new stream of changes, until `signal` is aborted. */
    subscribe(signal: AbortSignal): ReadableStream<Uint8Array> {
      const { stream, subscriber } = subscription((gone) => subscribers.delete(gone))
      subscribers.add(subscriber)
      signal.addEventListener('abort', () => subscriber.close())
      // Something at once, so that the console knows that it is connected; and how soon to try again (WHATWG HTML 9.2.6).
      subscriber.send('retry: 2000\n: connected\n\n')
      return stream
    },

    /** The numbers of the first page. */
    async overview(count: Countable): Promise<Overview> {
      const today = Math.floor(now().getTime() / dayMilliseconds) * dayMilliseconds
      const days = Array.from(
        { length: trendDays },
        (_, index) => today - (trendDays - 1 - index) * dayMilliseconds,
      )
      return {
        agents: {
          total: await count.agents({}),
          healthy: await count.agents({ health: 'healthy' }),
          warning: await count.agents({ health: 'warning' }),
          critical: await count.agents({ health: 'critical' }),
          unknown: await count.agents({ health: 'unknown' }),
          withActiveDetections: await count.agents({ detections: 'active' }),
          definitionsOutdated: await count.agents({ outdated: 'definitions' }),
          policyOutdated: await count.agents({ outdated: 'policy' }),
        },
        detections: {
          active: await count.detections({ state: 'active' }),
          quarantined: await count.detections({ state: 'quarantined' }),
          last24Hours: await count.detections({
            firstSeenFrom: new Date(now().getTime() - dayMilliseconds).toISOString(),
          }),
        },
        trend: await Promise.all(
          days.map(async (day) => ({
            day: new Date(day).toISOString().slice(0, 10),
            detections: await count.detections({
              firstSeenFrom: new Date(day).toISOString(),
              firstSeenBefore: new Date(day + dayMilliseconds).toISOString(),
            }),
          })),
        ),
        scansRunning: await count.scans({ state: 'running' }),
      }
    },
  }
}
