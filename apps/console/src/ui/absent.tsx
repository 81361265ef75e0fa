/** No value: a dash for the eye, words for the ear. A dash is not a zero. */
import { VisuallyHidden } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** Stands where there is nothing to show. */
export function Absent() {
  const { t } = useTranslation()
  return (
    <span>
      <span aria-hidden>–</span>
      <VisuallyHidden>{t('ui.absent')}</VisuallyHidden>
    </span>
  )
}
