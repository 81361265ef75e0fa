/** What operators ask of the detections' slice over HTTP. No rule stands here. */
import { detectionEndpoints } from '@coreward/contracts'
import { operatorRoute, type Route } from '../http/route.ts'
import type { Detections } from './detections.ts'

export const detectionRoutes = (detections: Detections): readonly Route[] => [
  operatorRoute(detectionEndpoints.listDetections, ({ query }) => detections.list(query)),
  operatorRoute(detectionEndpoints.readDetection, ({ params }) => detections.read(params.detectionId)),
  operatorRoute(detectionEndpoints.actOnDetection, ({ params, body, operator }) =>
    detections.request(params.detectionId, body, operator.username),
  ),
]
