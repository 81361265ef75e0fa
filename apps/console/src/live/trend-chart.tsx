/**
 * Detections of the last fourteen days: bars drawn by the chart library, and below them the days as links, which say the same
 * to a screen reader and lead to exactly what a bar counts, as a click on the bar does.
 */
import type { Overview } from '@coreward/contracts'
import { BarChart } from '@mantine/charts'
import { VisuallyHidden } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate } from 'react-router'
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
  const navigate = useNavigate()
  const nameOf = ({ day, detections }: Overview['trend'][number]) =>
    t('overview.trend.day', { day: format.day(day), count: detections })
  return (
    <div className={classes.chart}>
      <div aria-hidden>
        <BarChart
          h={128}
          data={trend.map(({ day, detections }) => ({ day, detections }))}
          dataKey="day"
          series={[{ name: 'detections', color: 'var(--cw-active)' }]}
          withXAxis={false}
          withYAxis={false}
          gridAxis="none"
          withTooltip={false}
          withBarValueLabel
          valueFormatter={(count) => (count === 0 ? '' : format.count(count))}
          barChartProps={{ accessibilityLayer: false, margin: { top: 20, right: 0, bottom: 0, left: 0 } }}
          barProps={{
            isAnimationActive: false,
            maxBarSize: 20,
            radius: [2, 2, 0, 0],
            cursor: 'pointer',
            onClick: (_bar, index) => {
              const day = trend[index]?.day
              if (day !== undefined) void navigate(detectionsOn(day))
            },
          }}
        />
      </div>
      <ol className={classes.days}>
        {trend.map((entry) => (
          <li key={entry.day}>
            <Link to={detectionsOn(entry.day)} className={classes.day} title={nameOf(entry)}>
              <span aria-hidden>{format.shortDay(entry.day)}</span>
              <VisuallyHidden>{nameOf(entry)}</VisuallyHidden>
            </Link>
          </li>
        ))}
      </ol>
    </div>
  )
}
