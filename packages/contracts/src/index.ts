/**
 * All that crosses a wire: schemas, endpoints as data, problem codes. A schema and its type share a name.
 * Nothing here does anything: no I/O, no state.
 */
import { agentEndpoints } from './agents.ts'
import { commandEndpoints } from './commands.ts'
import { definitionsEndpoints } from './definitions.ts'
import { detectionEndpoints } from './detections.ts'
import { enrollmentEndpoints } from './enrollment.ts'
import { eventEndpoints } from './events.ts'
import { liveEndpoints } from './live.ts'
import { operatorEndpoints } from './operators.ts'
import { policyEndpoints } from './policies.ts'
import { scanEndpoints } from './scans.ts'

export * from './agents.ts'
export * from './commands.ts'
export * from './control.ts'
export * from './definitions.ts'
export * from './detections.ts'
export * from './endpoint.ts'
export * from './enrollment.ts'
export * from './events.ts'
export * from './live.ts'
export * from './operators.ts'
export * from './policies.ts'
export * from './primitive.ts'
export * from './problem.ts'
export * from './scans.ts'
export * from './verdict.ts'

/** Every endpoint, by name. */
export const endpoints = {
  ...agentEndpoints,
  ...commandEndpoints,
  ...definitionsEndpoints,
  ...detectionEndpoints,
  ...enrollmentEndpoints,
  ...eventEndpoints,
  ...liveEndpoints,
  ...operatorEndpoints,
  ...policyEndpoints,
  ...scanEndpoints,
}
