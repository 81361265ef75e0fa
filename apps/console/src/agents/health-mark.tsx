/** How a host is, as icon and word. */
import type { HealthFinding, HealthState } from '@coreward/contracts'
import { useTranslation } from 'react-i18next'
import { Mark, type Tone } from '../ui/mark.tsx'

export function HealthMark({ health, revoked = false }: { health: HealthState; revoked?: boolean }) {
  const { t } = useTranslation()
  return revoked ? (
    <Mark tone="unknown">{t('agents.revoked')}</Mark>
  ) : (
    <Mark tone={health}>{t(`agents.health.${health}`)}</Mark>
  )
}

/** The tone of one finding's severity. */
export const findingTones: Record<HealthFinding['severity'], Tone> = {
  critical: 'critical',
  warning: 'warning',
  information: 'plain',
}
