/**
 * Which cached answers a live message makes out of date, as the beginnings of query keys. Pure data about the contract:
 * it fetches nothing.
 */
import { endpoints, type LiveMessage } from '@coreward/contracts'

type KeyStart = readonly [string, ...unknown[]]

/** The beginnings of the keys to ask again. Progress touches none: it is put into the cache as it is. */
export function touchedBy(message: LiveMessage): readonly KeyStart[] {
  switch (message.kind) {
    case 'agent':
      return [
        [endpoints.listAgents.path],
        [endpoints.readAgent.path, { params: { agentId: message.agentId } }],
        [endpoints.readOverview.path],
        [endpoints.readPolicy.path],
        [endpoints.listDefinitions.path],
      ]
    case 'scan':
      return [
        [endpoints.listScans.path],
        [endpoints.readScan.path, { params: { scanId: message.scanId } }],
        [endpoints.readAgent.path, { params: { agentId: message.agentId } }],
        [endpoints.readOverview.path],
      ]
    case 'scan-progress':
      return []
    case 'detection':
      return [
        [endpoints.listDetections.path],
        [endpoints.readDetection.path, { params: { detectionId: message.detectionId } }],
        [endpoints.listAgents.path],
        [endpoints.readAgent.path, { params: { agentId: message.agentId } }],
        [endpoints.readOverview.path],
      ]
    case 'events':
      return [[endpoints.listEvents.path]]
    case 'policy':
      return [[endpoints.readPolicy.path], [endpoints.listAgents.path], [endpoints.readOverview.path]]
    case 'definitions':
      return [[endpoints.listDefinitions.path], [endpoints.listAgents.path], [endpoints.readOverview.path]]
    case 'enrollment':
      return [[endpoints.listEnrollmentTokens.path]]
  }
}
