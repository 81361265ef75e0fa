/** What agents and operators ask of the scans' slice over HTTP. No rule stands here. */
import { scanEndpoints } from '@coreward/contracts'
import { agentRoute, operatorRoute, type Route } from '../http/route.ts'
import type { Scans } from './scans.ts'

export const scanRoutes = (scans: Scans): readonly Route[] => [
  agentRoute(scanEndpoints.reportProgress, async ({ agentId, params, body }) => {
    await scans.reportProgress(agentId, params.scanId, body)
    return undefined
  }),
  operatorRoute(scanEndpoints.startScan, ({ params, body, operator }) =>
    scans.start(params.agentId, body, operator.username),
  ),
  operatorRoute(scanEndpoints.cancelScan, ({ params }) => scans.cancel(params.scanId)),
  operatorRoute(scanEndpoints.readScan, ({ params }) => scans.read(params.scanId)),
  operatorRoute(scanEndpoints.listScans, ({ query }) => scans.list(query)),
]
