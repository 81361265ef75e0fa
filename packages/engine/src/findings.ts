/**
 * What one scan gathers: detections and unscanned parts, each listed once and in bounded number, and the verdict they
 * amount to. An archive with a hundred thousand encrypted entries must not become a hundred thousand lines.
 */
import type { Signature } from '@coreward/definitions'
import { type Alerts, alertDetection, limitAlert } from './alerts/alerts.ts'
import type { Detection, UnscannedPart, UnscannedReason, Verdict } from './verdict.ts'

/** Enough to see what a file is about; the rest is counted. */
const LISTED_DETECTIONS = 256
/** Of one signature: a name that stands in each of an archive's thousand entries leaves room for the others. */
const LISTED_PLACES = 16
const LISTED_UNSCANNED = 256

export interface Findings {
  addDetection(detection: Detection): void
  addUnscanned(reason: UnscannedReason, innerPath?: string, detail?: string): void
  readonly infected: boolean
  verdict(): Verdict
}

/** Starts an empty list for one file, in which limits that were reached are detections too if `alerts` says so. */
export function createFindings(alerts: Alerts = new Set()): Findings {
  const detections = new Map<string, Detection>()
  const places = new Map<string, number>()
  const unscanned = new Map<string, UnscannedPart>()
  const unlisted = new Map<UnscannedReason, number>()
  function addDetection(detection: Detection): void {
    const { signature, innerPath = '' } = detection
    const key = `${signature}\0${innerPath}`
    const placesOfIt = places.get(signature) ?? 0
    if (detections.has(key) || detections.size >= LISTED_DETECTIONS || placesOfIt >= LISTED_PLACES) return
    places.set(signature, placesOfIt + 1)
    detections.set(key, detection)
  }
  return {
    addDetection,
    addUnscanned(reason, innerPath, detail) {
      const alert = limitAlert(reason, alerts)
      if (alert !== undefined) addDetection(alertDetection(alert, innerPath))
      const key = `${reason}\0${innerPath ?? ''}`
      if (unscanned.has(key)) return
      if (unscanned.size < LISTED_UNSCANNED) unscanned.set(key, unscannedPart(reason, innerPath, detail))
      else unlisted.set(reason, (unlisted.get(reason) ?? 0) + 1)
    },
    get infected() {
      return detections.size > 0
    },
    verdict() {
      const parts = [...unscanned.values()]
      for (const [reason, count] of unlisted) parts.push({ reason, detail: `${count} more parts` })
      if (detections.size > 0)
        return { outcome: 'infected', detections: [...detections.values()], unscanned: parts }
      if (parts.length > 0) return { outcome: 'unscanned', unscanned: parts }
      return { outcome: 'clean' }
    },
  }
}

/** What is told of a signature. */
export type Named = Pick<Signature, 'name' | 'severity' | 'category' | 'description'>

/** A signature found at a place. */
export function detectionOf(
  { name, severity, category, description }: Named,
  innerPath: string | undefined,
): Detection {
  return {
    signature: name,
    severity,
    category,
    ...(description === undefined ? {} : { description }),
    ...(innerPath === undefined ? {} : { innerPath }),
  }
}

/** Builds a part without the fields that are absent. */
export function unscannedPart(reason: UnscannedReason, innerPath?: string, detail?: string): UnscannedPart {
  return {
    reason,
    ...(innerPath === undefined ? {} : { innerPath }),
    ...(detail === undefined ? {} : { detail }),
  }
}
