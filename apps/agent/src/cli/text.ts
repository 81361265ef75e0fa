/**
 * How values are written for people on a terminal: sizes, times, rates, percentages, tables. It prints nothing itself.
 */
import Table from 'cli-table3'

const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** A size in decimal units, at most three figures: 1536 → "1.54 kB". */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  if (unit === 0) return formatNumberOf(Math.round(value), 'byte')
  return `${value.toPrecision(3)} ${units[unit]}`
}

/** A duration in seconds as "1 h 02 min", "3 min 04 s" or "5 s". */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  if (hours > 0) return `${hours} h ${two(minutes)} min`
  return minutes > 0 ? `${minutes} min ${two(rest)} s` : `${rest} s`
}

/** A count with separators: 1234567 → "1,234,567". */
export function formatCount(count: number): string {
  return count.toLocaleString('en')
}

/** One noun or many: 1 file, 2 files. */
export function formatNumberOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** A fraction as a percentage that says 100 % only when it is all, and a dash when there is nothing to divide by. */
export function formatCoverage(coverage: number | null): string {
  if (coverage === null) return '–'
  if (coverage === 1) return '100 %'
  return `${(Math.floor(coverage * 10_000) / 100).toFixed(2)} %`
}

/** An instant in the reader's zone, to the second. */
export function formatTime(timestamp: string | null): string {
  return timestamp === null ? '–' : new Date(timestamp).toLocaleString('sv')
}

/** Control characters of a file's name shown as escapes, so that a name cannot drive the terminal. */
export function formatPath(path: string, innerPath: string | null = null): string {
  const whole = innerPath === null ? path : `${path} → ${innerPath}`
  return whole.replace(/[\p{Cc}\p{Cf}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}

/** A table without frames; columns line up also for full-width characters. */
export function formatTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...heads],
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '  ',
    },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  for (const row of rows) table.push([...row])
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
