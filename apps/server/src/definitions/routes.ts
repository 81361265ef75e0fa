/** What agents and operators ask of the definitions' slice over HTTP. No rule stands here. */
import { definitionsEndpoints } from '@coreward/contracts'
import { agentFileRoute, operatorRoute, type Route } from '../http/route.ts'
import type { DefinitionsRules } from './definitions.ts'

export const definitionsRoutes = (definitions: DefinitionsRules): readonly Route[] => [
  agentFileRoute(definitionsEndpoints.updateFile, ({ params }) => definitions.readUpdate(params.path)),
  operatorRoute(definitionsEndpoints.listDefinitions, () => definitions.list()),
]
