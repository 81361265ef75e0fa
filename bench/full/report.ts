/**
 * The table of figures as text. It says what was loaded by whom before it says how fast that was: a ratio between unequal
 * sets is not what it seems.
 */
import type { FullSet } from '../set/full-set.ts'
import { table } from '../table.ts'
import type { CompiledSet } from './compiled-set.ts'
import {
  corpusFigures,
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
  const { counts, refusedCount, refusedKinds, bytes } = compiled.summary
  const ours = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const lines = [
    `machine      ${machine}`,
    `set          ${count(set.totalLines)} lines, ${count(set.patterns)} patterns, ${(set.bytes / 1e6).toFixed(0)} MB, scale ${set.scale}, SHA-256 ${set.sha256}`,
    `ours         ${count(ours)} loaded: ${Object.entries(counts)
      .map(([format, number]) => `${format} ${count(number)}`)
      .join(', ')}; ${count(refusedCount)} lines refused; ${(bytes / 1e6).toFixed(0)} MB`,
    ...refusedKinds.map(({ reason, count: lines }) => `  refused    ${count(lines)} × ${reason}`),
    ...(clamd === undefined ? [] : [`clamd        ${clamd}`]),
    '',
    table(
      ['figure', 'agent', 'engine', 'clamd', 'judged', 'at least', 'aim', ''],
      measured.map((each) => row(each, refusedCount > 0)),
    ),
    '',
  ]
  for (const { figure, note, invalid } of measured)
    for (const text of [invalid, note]) if (text !== undefined) lines.push(`${figure}: ${text}`)
  if (refusedCount > 0)
    lines.push(
      `* ${count(refusedCount)} lines that clamd has are not in our set: these speeds compare unequal sets.`,
    )
  lines.push(...complaints.map((complaint) => `✖ ${complaint}`))
  return lines.join('\n')
}

function row(measured: Measured, isUnequal: boolean): string[] {
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
    verdicts[judge(measured)] + (isUnequal && isSpeed(figure) ? ' *' : ''),
  ]
}

/** Whether it is a speed beside clamd's, with its signatures. */
function isSpeed(figure: FigureName): boolean {
  return figure in corpusFigures
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
