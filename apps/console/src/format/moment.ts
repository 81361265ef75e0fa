/**
 * Instants and lengths of time in the reader's language and zone. An instant is shown relative while it is recent, as a
 * date and time afterwards; the exact one, with its zone, is always to be had.
 */

const minute = 60
const hour = 60 * minute
const day = 24 * hour

/** How an instant reads from `now`: `3 minutes ago` within a week, a date and time beyond. */
export function formatMoment(instant: Date, now: Date, language: string): string {
  const seconds = Math.round((instant.getTime() - now.getTime()) / 1000)
  const distance = Math.abs(seconds)
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  if (distance < 10) return relative.format(0, 'second')
  if (distance < minute) return relative.format(seconds, 'second')
  if (distance < hour) return relative.format(Math.trunc(seconds / minute), 'minute')
  if (distance < day) return relative.format(Math.trunc(seconds / hour), 'hour')
  if (distance < 7 * day) return relative.format(Math.trunc(seconds / day), 'day')
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(instant)
}

/** The date and time to the second with the zone's name: for hovers, timelines and where order matters. */
export function formatExactly(instant: Date, language: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(language, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    hourCycle: 'h23',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(instant)
}

/** A day such as `2026-11-24`, which has no zone: `Nov 24`, or `11/24` where there is little room. */
export function formatDay(isoDate: string, language: string, month: 'short' | 'numeric' = 'short'): string {
  return new Intl.DateTimeFormat(language, { month, day: 'numeric', timeZone: 'UTC' }).format(
    new Date(`${isoDate}T00:00:00Z`),
  )
}

/** A length of time in its two largest units: `1 h 5 min`. Below a minute, seconds. */
export function formatDuration(seconds: number, language: string): string {
  const whole = Math.max(0, Math.round(seconds))
  const parts: [number, 'day' | 'hour' | 'minute' | 'second'][] = [
    [Math.floor(whole / day), 'day'],
    [Math.floor((whole % day) / hour), 'hour'],
    [Math.floor((whole % hour) / minute), 'minute'],
    [whole % minute, 'second'],
  ]
  const first = parts.findIndex(([value]) => value > 0)
  const shown = first < 0 ? parts.slice(-1) : parts.slice(first, first + 2).filter(([value]) => value > 0)
  return shown
    .map(([value, unit]) =>
      new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(value),
    )
    .join(' ')
}
