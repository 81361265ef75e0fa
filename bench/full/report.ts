/**
 * The table of figures as text. It says what was loaded by whom before it says how fast that was: a ratio between unequal
 * sets is not what it seems.
 */
import type { FullSet } from '../set/full-set.ts'
import { table } from '../table.ts'
import type { CompiledSet } from './compiled-set.ts'
import {
  type Figure,
  type FigureName,
  figures,
  formatBound,
  formatValue,
  judge,
  type Measured,
} from './figures.ts'

export interface FullResult {
  readonly machine: string
  readonly set: FullSet
  readonly compiled: CompiledSet
  /** What clamd is and said of its signatures; absent when it was not needed. */
  readonly clamd?: string
  readonly measured: readonly Measured[]
  readonly complaints: readonly string[]
}

const verdicts = {
  aim: '✔ as aimed for',
  reached: '✔ reached',
  missed: '✖ missed',
  invalid: '– does not count',
}

export function reportText({ machine, set, compiled, clamd, measured, complaints }: FullResult): string {
  const { counts } = compiled.summary
  const ours = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const lines = [
    `machine      ${machine}`,
    `set          ${count(set.totalLines)} lines, ${count(set.patterns)} patterns, ${(set.bytes / 1e6).toFixed(0)} MB, scale ${set.scale}, SHA-256 ${set.sha256}`,
    `ours         ${count(ours)} loaded: ${Object.entries(counts)
      .map(([format, number]) => `${format} ${count(number)}`)
      .join(
        ', ',
      )}; ${count(compiled.refused)} lines refused; ${(compiled.summary.bytes / 1e6).toFixed(0)} MB`,
    ...compiled.reasons.map(([reason, number]) => `  refused    ${count(number)} × ${reason}`),
    ...(clamd === undefined ? [] : [`clamd        ${clamd}`]),
    '',
    table(
      ['figure', 'agent', 'engine', 'clamd', 'judged', 'at least', 'aim', ''],
      measured.map((each) => row(each)),
    ),
    '',
  ]
  for (const { figure, note, invalid } of measured)
    for (const text of [invalid, note]) if (text !== undefined) lines.push(`${figure}: ${text}`)
  if (compiled.refused > 0)
    lines.push(
      `${count(compiled.refused)} lines that clamd has are not in our set: speeds compare unequal sets.`,
    )
  lines.push(...complaints.map((complaint) => `✖ ${complaint}`))
  return lines.join('\n')
}

function row(measured: Measured): string[] {
  const { figure, value, agent = '', engine = '', peer = '' } = measured
  const { title, reach, aim }: Figure = figures[figure]
  return [
    title,
    agent,
    engine,
    peer,
    formatValue(figure, value),
    formatBound(figure, reach),
    aim === undefined ? '' : formatBound(figure, aim),
    verdicts[judge(measured)],
  ]
}

/** Whether a figure that counts was missed. */
export function isMissed(measured: readonly Measured[]): boolean {
  return measured.some((each) => judge(each) === 'missed' || judge(each) === 'invalid')
}

export function inOrder(measured: readonly Measured[]): Measured[] {
  const names = Object.keys(figures) as FigureName[]
  return measured.toSorted((a, b) => names.indexOf(a.figure) - names.indexOf(b.figure))
}

function count(number: number): string {
  return number.toLocaleString('en')
}
