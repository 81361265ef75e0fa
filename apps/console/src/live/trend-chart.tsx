/** Detections of the last fourteen days as small bars. Each bar is a number with a day and leads to exactly those detections. */
import type { Overview } from '@coreward/contracts'
import { VisuallyHidden } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useFormat } from '../format/use-format.ts'
import classes from './trend-chart.module.css'

const dayLength = 86_400_000

/** The list of what was first seen on a day (UTC, as the numbers are counted). */
function detectionsOn(day: string): string {
  const from = new Date(`${day}T00:00:00.000Z`)
  const before = new Date(from.getTime() + dayLength)
  return `/detections?firstSeenFrom=${from.toISOString()}&firstSeenBefore=${before.toISOString()}`
}

export function TrendChart({ trend }: { trend: Overview['trend'] }) {
  const { t } = useTranslation()
  const format = useFormat()
  const most = Math.max(1, ...trend.map(({ detections }) => detections))
  return (
    <ol className={classes.chart}>
      {trend.map(({ day, detections }, index) => (
        <li key={day} className={classes.day}>
          <Link
            to={detectionsOn(day)}
            className={classes.bar}
            title={t('overview.trend.day', { day: format.day(day), count: detections })}
          >
            <span className={classes.number}>{detections > 0 && format.count(detections)}</span>
            <span
              className={classes.fill}
              data-none={detections === 0 || undefined}
              style={{ height: `${(detections / most) * 96}px` }}
            />
            <VisuallyHidden>
              {t('overview.trend.day', { day: format.day(day), count: detections })}
            </VisuallyHidden>
          </Link>
          <span className={classes.label} aria-hidden data-often={index % 2 === 1 || undefined}>
            {format.shortDay(day)}
          </span>
        </li>
      ))}
    </ol>
  )
}
