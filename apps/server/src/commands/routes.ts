/** What agents ask of the commands' slice over HTTP. No rule stands here. */
import { commandEndpoints } from '@coreward/contracts'
import { agentRoute, type Route } from '../http/route.ts'
import type { Commands } from './commands.ts'

export const commandRoutes = (commands: Commands): readonly Route[] => [
  agentRoute(commandEndpoints.fetchCommands, ({ agentId, query, signal }) =>
    commands.fetch(agentId, query.wait, signal),
  ),
  agentRoute(commandEndpoints.answerCommand, async ({ agentId, params, body }) => {
    await commands.answer(agentId, params.commandId, body)
    return undefined
  }),
]
