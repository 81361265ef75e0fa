/** The state of an enrolment token, as icon and word. */
import type { EnrollmentToken } from '@coreward/contracts'
import { useTranslation } from 'react-i18next'
import { Mark, type Tone } from '../ui/mark.tsx'

const tones: Record<EnrollmentToken['state'], Tone> = {
  usable: 'active',
  used: 'healthy',
  expired: 'unknown',
  withdrawn: 'unknown',
}

export function TokenStateMark({ state }: { state: EnrollmentToken['state'] }) {
  const { t } = useTranslation()
  return <Mark tone={tones[state]}>{t(`enrollment.state.${state}`)}</Mark>
}
