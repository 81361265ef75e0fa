/** Adds what the stores have counted to the table of docs/fuzzing.md: a row for each day and target, and nothing twice. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DayCount, openStore, storedTargets } from './store.ts'

const page = join(import.meta.dirname, '../../docs/fuzzing.md')
const HEAD = '| date | target | executions | seconds | findings |\n| --- | --- | ---: | ---: | ---: |\n'
const SUMS_HEAD = '| target | executions | findings |\n| --- | ---: | ---: |\n'

interface Row extends DayCount {
  readonly date: string
  readonly target: string
}

/** Writes the page and marks what it took as reported; tells how many executions were added. */
export function reportCounts(): string {
  const text = readFileSync(page, 'utf8')
  const rows = new Map(rowsIn(text).map((row) => [keyOf(row), row]))
  let added = 0
  for (const target of storedTargets()) {
    const store = openStore(target)
    const { total, unreported } = store.counts()
    for (const [date, day] of Object.entries(unreported)) {
      const row = rows.get(keyOf({ date, target })) ?? {
        date,
        target,
        executions: 0,
        seconds: 0,
        findings: 0,
      }
      row.executions += day.executions
      row.seconds += Math.round(day.seconds)
      row.findings += day.findings
      rows.set(keyOf(row), row)
      added += day.executions
    }
    store.setCounts({ total, unreported: {} })
  }
  writeFileSync(page, withRows(text, [...rows.values()]))
  return `${added} executions added to docs/fuzzing.md`
}

function keyOf({ date, target }: Pick<Row, 'date' | 'target'>): string {
  return `${date} ${target}`
}

const rowPattern = /^\| (\d{4}-\d\d-\d\d) \| (\S+) \| (\d+) \| (\d+) \| (\d+) \|$/gm

export function rowsIn(text: string): Row[] {
  return [...text.matchAll(rowPattern)].map(([, date = '', target = '', executions, seconds, findings]) => ({
    date,
    target,
    executions: Number(executions),
    seconds: Number(seconds),
    findings: Number(findings),
  }))
}

/** The page with its two tables made anew: everything from the heading `## Counts` on. */
export function withRows(text: string, rows: readonly Row[]): string {
  const sorted = [...rows].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1))
  const sums = new Map<string, { executions: number; findings: number }>()
  for (const { target, executions, findings } of sorted) {
    const sum = sums.get(target) ?? { executions: 0, findings: 0 }
    sums.set(target, { executions: sum.executions + executions, findings: sum.findings + findings })
  }
  const sumLines = [...sums]
    .sort()
    .map(([target, sum]) => `| ${target} | ${sum.executions} | ${sum.findings} |\n`)
  const lines = sorted.map(
    ({ date, target, executions, seconds, findings }) =>
      `| ${date} | ${target} | ${executions} | ${seconds} | ${findings} |\n`,
  )
  const before = text.slice(0, text.indexOf('## Counts'))
  return `${before}## Counts\n${SUMS_HEAD}${sumLines.join('')}\n## By day\n${HEAD}${lines.join('')}`
}
