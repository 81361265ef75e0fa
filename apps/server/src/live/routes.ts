/** What operators ask of the live slice over HTTP, and the one question anybody may ask. No rule stands here. */
import { liveEndpoints } from '@coreward/contracts'
import { openRoute, operatorEventsRoute, operatorRoute, type Route } from '../http/route.ts'
import type { Countable, Live } from './live.ts'

export const liveRoutes = (live: Live, count: Countable, version: string): readonly Route[] => [
  operatorEventsRoute(liveEndpoints.live, ({ signal }) => live.subscribe(signal)),
  operatorRoute(liveEndpoints.readOverview, () => live.overview(count)),
  openRoute(liveEndpoints.readHealth, () => ({ status: 'ok' as const, version })),
]
