/** What agents and operators ask of the events' slice over HTTP. No rule stands here. */
import { eventEndpoints } from '@coreward/contracts'
import { agentRoute, operatorRoute, type Route } from '../http/route.ts'
import type { Events } from './events.ts'

export const eventRoutes = (events: Events): readonly Route[] => [
  agentRoute(eventEndpoints.sendEvents, ({ agentId, body }) => events.record(agentId, body.events)),
  operatorRoute(eventEndpoints.listEvents, ({ query }) => events.list(query)),
]
