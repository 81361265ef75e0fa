/** Severity and state of a detection, each as icon and word. */
import type { Detection, DetectionState, Severity } from '@coreward/contracts'
import { useTranslation } from 'react-i18next'
import { Mark, type Tone } from '../ui/mark.tsx'

const severityTones: Record<Severity, Tone> = {
  severe: 'critical',
  high: 'critical',
  moderate: 'warning',
  low: 'plain',
}

const stateTones: Record<DetectionState, Tone> = {
  active: 'critical',
  quarantined: 'healthy',
  restored: 'warning',
  deleted: 'healthy',
}

export function SeverityMark({ severity }: { severity: Severity }) {
  const { t } = useTranslation()
  return (
    <Mark tone={severityTones[severity]} strong={severity === 'severe'}>
      {t(`detections.severity.${severity}`)}
    </Mark>
  )
}

/** Where the file is; while an action is awaited, that. */
export function StateMark({ detection }: { detection: Pick<Detection, 'state' | 'pendingAction'> }) {
  const { t } = useTranslation()
  if (detection.pendingAction !== null)
    return <Mark tone="active">{t(`detections.pending.${detection.pendingAction}`)}</Mark>
  return <Mark tone={stateTones[detection.state]}>{t(`detections.state.${detection.state}`)}</Mark>
}
