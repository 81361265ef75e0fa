/**
 * What happens when something was found in a file. Flow: one `threat.detected` for each signature, durable → the action by
 * request or policy → one `threat.action` for each. An action never goes before its record; a record that cannot be stored
 * leaves the file where it is.
 */
import type { PolicySettings, ScanFinding, ThreatAction } from '@coreward/contracts'
import type { ScanResult } from '@coreward/engine'
import type { FileIdentity } from '../../verbs/file-facts.ts'
import type { FileVerbs } from '../../verbs/file-verbs.ts'
import { VerbError } from '../../verbs/verb-error.ts'
import type { Spool } from '../spool/spool.ts'
import { type DetectedData, detectedData, detectionsOf, severityOf } from './wire-verdict.ts'

export interface ThreatDuties {
  readonly verbs: Pick<FileVerbs, 'quarantine'>
  readonly spool: Spool
  readonly agentId: () => string
}

export interface FoundFile {
  readonly path: string
  readonly result: ScanResult
  readonly identity: FileIdentity
  readonly scanId: string | null
}

/** The action for a file: the scan's own, or the policy's for the worst severity in it. */
export function actionFor(
  result: ScanResult,
  requested: ThreatAction | undefined,
  actions: PolicySettings['actions'],
): ThreatAction {
  const [worst] = detectionsOf(result)
  return requested ?? (worst === undefined ? 'report' : actions[severityOf(worst)])
}

/** Records what was found, acts on it, and says what came of it, one finding for each signature. Throws SpoolError. */
export async function respond(
  { verbs, spool, agentId }: ThreatDuties,
  { path, result, identity, scanId }: FoundFile,
  plannedAction: ThreatAction,
): Promise<ScanFinding[]> {
  const { sha256 } = result
  if (sha256 === undefined)
    throw new Error(`The engine gave no SHA-256 of ${path}, in which it found something.`)
  const detections = detectionsOf(result).map((detection) =>
    detectedData({ agentId: agentId(), scanId, path, detection, result, sha256, identity, plannedAction }),
  )
  for (const data of detections) {
    spool.enqueueWith({ type: 'threat.detected', data }, () => spool.detections.see(data.detectionId, path))
  }
  const [worst] = detections
  if (plannedAction === 'report' || worst === undefined) {
    return detections.map((data) => finding(data, 'reported', null))
  }
  const { quarantineId, failure } = await quarantine(verbs, path, identity, worst)
  for (const { detectionId, path: shown } of detections) {
    spool.enqueueWith(
      {
        type: 'threat.action',
        data: {
          detectionId,
          path: shown,
          action: 'quarantine',
          outcome: failure === null ? 'succeeded' : 'failed',
          quarantineId,
          failure,
        },
      },
      () => spool.detections.place(detectionId, quarantineId),
    )
  }
  return detections.map((data) =>
    finding(data, failure === null ? 'quarantined' : 'quarantine-failed', failure),
  )
}

async function quarantine(
  verbs: Pick<FileVerbs, 'quarantine'>,
  path: string,
  identity: FileIdentity,
  found: DetectedData,
): Promise<{ quarantineId: string | null; failure: string | null }> {
  const { sha256, signature, severity, category, innerPath, detectionId, definitionsVersion } = found
  try {
    const item = await verbs.quarantine(path, {
      identity,
      sha256,
      signature,
      severity,
      category,
      innerPath,
      detectionId,
      definitionsVersion,
    })
    return { quarantineId: item.id, failure: null }
  } catch (error) {
    if (!(error instanceof VerbError)) throw error
    return { quarantineId: null, failure: error.message.slice(0, 2000) }
  }
}

function finding(
  data: DetectedData,
  action: 'reported' | 'quarantined' | 'quarantine-failed',
  failure: string | null,
): ScanFinding {
  const { detectionId, path, innerPath, signature, severity } = data
  return { kind: 'detection', detectionId, path, innerPath, signature, severity, action, failure }
}
