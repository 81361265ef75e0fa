/** How a scan is or ended, as icon and word. A completed scan that left files unscanned is not simply healthy. */
import type { Scan, ScanState, ScanSummary } from '@coreward/contracts'
import { useTranslation } from 'react-i18next'
import { Mark, type Tone } from '../ui/mark.tsx'

const tones: Record<ScanState, Tone> = {
  requested: 'unknown',
  running: 'active',
  completed: 'healthy',
  cancelled: 'unknown',
  failed: 'critical',
  interrupted: 'warning',
}

/** How many files of a summary were not, or not wholly, looked at. */
export function unscannedIn(summary: ScanSummary): number {
  return Object.values(summary.unscanned).reduce((sum, count) => sum + (count ?? 0), 0)
}

export function ScanStateMark({ scan }: { scan: Pick<Scan, 'state' | 'summary'> }) {
  const { t } = useTranslation()
  const partly = scan.state === 'completed' && scan.summary !== null && unscannedIn(scan.summary) > 0
  return (
    <Mark tone={partly ? 'warning' : tones[scan.state]}>
      {partly ? t('scans.completedPartly') : t(`scans.state.${scan.state}`)}
    </Mark>
  )
}
