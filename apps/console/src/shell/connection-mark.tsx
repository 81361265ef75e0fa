/** Whether what is on screen is live, in the navigation; and a banner over the page when it may be out of date. */
import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useConnectionStatus } from '../live/live-provider.tsx'
import { Mark, type Tone, ToneIcon } from '../ui/mark.tsx'
import { Moment } from '../ui/moment.tsx'
import classes from './frame.module.css'

const tones: Record<ReturnType<typeof useConnectionStatus>['state'], Tone> = {
  connecting: 'unknown',
  live: 'healthy',
  reconnecting: 'warning',
  offline: 'critical',
}

export function ConnectionMark() {
  const { t } = useTranslation()
  const { state } = useConnectionStatus()
  return (
    <Text component="div" size="xs" role="status" title={t(`shell.connection.${state}.hint`)}>
      <Mark tone={tones[state]}>{t(`shell.connection.${state}.word`)}</Mark>
    </Text>
  )
}

export function StaleBanner() {
  const { t } = useTranslation()
  const { state, since } = useConnectionStatus()
  if (state !== 'offline') return null
  return (
    <div className={classes.stale} role="alert">
      <ToneIcon tone="warning" />
      <span>
        {t('shell.connection.stale')} <Moment at={since.toISOString()} />
      </span>
    </div>
  )
}
