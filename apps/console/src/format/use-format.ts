/** The formats in the reader's language, for components. A hook, because the language can change while it is on screen. */
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { formatDay, formatDuration, formatExactly, formatMoment } from './moment.ts'
import { formatBytes, formatCount, formatRate, formatShare } from './number.ts'

/** The formats with the language filled in. */
export function useFormat() {
  const { i18n } = useTranslation()
  const language = i18n.language
  return useMemo(
    () => ({
      count: (value: number) => formatCount(value, language),
      bytes: (value: number) => formatBytes(value, language),
      rate: (value: number) => formatRate(value, language),
      share: (value: number) => formatShare(value, language),
      moment: (iso: string, now: Date) => formatMoment(new Date(iso), now, language),
      exactly: (iso: string) => formatExactly(new Date(iso), language),
      day: (isoDate: string) => formatDay(isoDate, language),
      shortDay: (isoDate: string) => formatDay(isoDate, language, 'numeric'),
      duration: (seconds: number) => formatDuration(seconds, language),
      list: (words: readonly string[]) =>
        new Intl.ListFormat(language, { type: 'conjunction' }).format(words),
    }),
    [language],
  )
}
