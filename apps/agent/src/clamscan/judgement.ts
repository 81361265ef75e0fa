/**
 * A verdict of the engine in the three words that clamscan knows: FOUND, OK, ERROR. What was not wholly scanned is an ERROR;
 * an encrypted part alone is none, as in stock, which has no word for it. As stock, limits, time and damage are OK too.
 */
import type { Detection, UnscannedPart, UnscannedReason, Verdict } from '@coreward/engine'

export type Judgement =
  | { readonly word: 'OK' }
  | { readonly word: 'FOUND'; readonly detections: readonly Detection[] }
  | { readonly word: 'ERROR'; readonly why: string }

/** What stock clamscan says OK to, although it has not looked at all of it. */
const okInStock: readonly UnscannedReason[] = [
  'too-large',
  'too-deep',
  'too-many-entries',
  'compression-ratio',
  'timed-out',
  'damaged',
  'budget-exceeded',
]

/** Judges one verdict. */
export function judge(verdict: Verdict, asStock: boolean): Judgement {
  if (verdict.outcome === 'infected') return { word: 'FOUND', detections: verdict.detections }
  if (verdict.outcome === 'clean') return { word: 'OK' }
  const part = verdict.unscanned.find(
    ({ reason }) => reason !== 'encrypted' && !(asStock && okInStock.includes(reason)),
  )
  return part === undefined ? { word: 'OK' } : { word: 'ERROR', why: describePart(part) }
}

function describePart({ reason, innerPath, detail }: UnscannedPart): string {
  const where = innerPath === undefined ? '' : ` at ${innerPath}`
  return `not wholly scanned${where} (${reason}${detail === undefined ? '' : `: ${detail}`})`
}

/** What no signature finds (an option --alert-…) is named so. */
const heuristic = 'Heuristics.'

/** The name as stock prints it: that of a signature which its makers did not sign ends in a word that says so. */
export function printedName({ signature }: Detection): string {
  return signature.startsWith(heuristic) ? signature : `${signature}.UNOFFICIAL`
}

/** The detections in the order in which stock names them: what no signature finds comes last, or first where that is wanted. */
export function inOrder(detections: readonly Detection[], alertsFirst: boolean): readonly Detection[] {
  const isAlert = ({ signature }: Detection) => signature.startsWith(heuristic)
  const alerts = detections.filter(isAlert)
  const others = detections.filter((detection) => !isAlert(detection))
  return alertsFirst ? [...alerts, ...others] : [...others, ...alerts]
}
