/** Whether what a host has of something the server hands out is the latest. */
import { useTranslation } from 'react-i18next'
import { Absent } from '../ui/absent.tsx'
import { Mark } from '../ui/mark.tsx'

export function CurrencyMark({ version, current }: { version: string | number | null; current: boolean }) {
  const { t } = useTranslation()
  if (version === null && !current) return <Mark tone="warning">{t('agents.currency.none')}</Mark>
  if (version === null) return <Absent />
  if (current) return version
  return <Mark tone="warning">{t('agents.currency.outdated', { version })}</Mark>
}
