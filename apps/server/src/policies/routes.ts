/** What agents and operators ask of the policies' slice over HTTP. No rule stands here. */
import { policyEndpoints } from '@coreward/contracts'
import { agentRoute, operatorRoute, type Route } from '../http/route.ts'
import type { Policies } from './policies.ts'

export const policyRoutes = (policies: Policies): readonly Route[] => [
  agentRoute(policyEndpoints.fetchPolicy, () => ({ document: policies.document() })),
  operatorRoute(policyEndpoints.readPolicy, () => policies.read()),
  operatorRoute(policyEndpoints.deployPolicy, ({ body, operator }) =>
    policies.deploy(body, operator.username),
  ),
]
