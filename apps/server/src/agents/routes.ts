/** What agents and operators ask of the agents' slice over HTTP. No rule stands here. */
import { agentEndpoints } from '@coreward/contracts'
import { agentRoute, operatorRoute, type Route } from '../http/route.ts'
import type { Agents } from './agents.ts'

export const agentRoutes = (agents: Agents): readonly Route[] => [
  agentRoute(agentEndpoints.heartbeat, ({ agentId, body }) => agents.heartbeat(agentId, body)),
  operatorRoute(agentEndpoints.listAgents, ({ query }) => agents.list(query)),
  operatorRoute(agentEndpoints.readAgent, ({ params }) => agents.read(params.agentId)),
  operatorRoute(agentEndpoints.revokeAgent, ({ params }) => agents.revoke(params.agentId)),
]
