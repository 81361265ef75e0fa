/**
 * The one place where the engine's answer about a file becomes the wire's: severities and reasons by their names, labels bounded,
 * paths made showable, and each detection given the identity by which it is the same one tomorrow.
 */
import { createHash } from 'node:crypto'
import { type EventContent, Severity, type ThreatAction, type UnscannedReason } from '@coreward/contracts'
import type { Detection as EngineDetection, ScanResult, UnscannedPart } from '@coreward/engine'
import { displayPath, userName } from '@coreward/host'
import type { FileIdentity } from '../../verbs/file-facts.ts'

export type DetectedData = Extract<EventContent, { type: 'threat.detected' }>['data']
export type UnscannedData = Extract<EventContent, { type: 'file.unscanned' }>['data']

/** Detections of one file that are told; an archive of a thousand samples is one finding to act on, not a thousand. */
const MOST_DETECTIONS = 20

/** What was found in a file, worst first. */
export function detectionsOf(result: ScanResult): readonly EngineDetection[] {
  if (result.verdict.outcome !== 'infected') return []
  return [...result.verdict.detections].sort((a, b) => rank(b) - rank(a)).slice(0, MOST_DETECTIONS)
}

/** The parts of a file that were not looked at. */
export function unscannedPartsOf(result: ScanResult): readonly UnscannedPart[] {
  return result.verdict.outcome === 'clean' ? [] : result.verdict.unscanned
}

/** The severity of a detection; a name the wire does not know is taken for high, so that it is not passed over. */
export function severityOf(detection: EngineDetection): Severity {
  return Severity.safeParse(detection.severity).data ?? 'high'
}

function rank(detection: EngineDetection): number {
  return Severity.options.indexOf(severityOf(detection))
}

/**
 * A detection's id: the same content at the same path by the same signature on the same host is the same detection. An RFC 9562
 * version 8 UUID over a SHA-256.
 */
export function detectionId(agentId: string, path: string, signature: string, sha256: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([agentId, path, signature, sha256]))
    .digest()
  hash.writeUInt8(((hash[6] ?? 0) & 0x0f) | 0x80, 6)
  hash.writeUInt8(((hash[8] ?? 0) & 0x3f) | 0x80, 8)
  const hex = hash.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}

/** A detection for the wire. */
export function detectedData(options: {
  readonly agentId: string
  readonly scanId: string | null
  readonly path: string
  readonly detection: EngineDetection
  readonly result: ScanResult
  readonly sha256: string
  readonly identity: FileIdentity
  readonly plannedAction: ThreatAction
}): DetectedData {
  const { agentId, path, detection, result, sha256, identity } = options
  return {
    detectionId: detectionId(agentId, path, detection.signature, sha256),
    scanId: options.scanId,
    path: wirePath(path),
    innerPath: detection.innerPath === undefined ? null : bounded(detection.innerPath, 2000),
    signature: bounded(detection.signature, 500),
    severity: severityOf(detection),
    category: bounded(detection.category, 100),
    description: detection.description === undefined ? null : bounded(detection.description, 2000),
    sha256,
    size: identity.size,
    owner: bounded(userName(identity.uid), 200),
    mode: identity.mode & 0o7777,
    modifiedAt: new Date(Number(BigInt(identity.mtimeNs) / 1_000_000n)).toISOString(),
    definitionsVersion: bounded(result.definitionsVersion, 100),
    plannedAction: options.plannedAction,
  }
}

/** An unscanned part for the wire. */
export function unscannedData(scanId: string | null, path: string, part: UnscannedPart): UnscannedData {
  return {
    scanId,
    path: wirePath(path),
    innerPath: part.innerPath === undefined ? null : bounded(part.innerPath, 2000),
    reason: part.reason satisfies UnscannedReason,
    detail: part.detail === undefined ? null : bounded(part.detail, 2000),
  }
}

/** A path as the wire takes it. */
export function wirePath(path: string): string {
  return bounded(displayPath(path), 4096)
}

function bounded(text: string, most: number): string {
  const wellFormed = text.toWellFormed()
  return wellFormed.length <= most ? wellFormed : `${wellFormed.slice(0, most - 1).toWellFormed()}…`
}
