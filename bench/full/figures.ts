/**
 * The figures that this project has set itself, as data: what is measured, what is to be reached at least, and what is aimed for.
 */

import type { Corpus } from '../corpora.ts'

export interface Figure {
  readonly title: string
  /** `ratio`: so many times the peer's or more; `seconds`, `bytes`, `times`: so much or less. */
  readonly unit: 'ratio' | 'seconds' | 'bytes' | 'times'
  readonly reach: number
  /** Absent where there is nothing beyond what is to be reached. */
  readonly aim?: number
}

const MB = 1_000_000

export const figures = {
  elf: { title: 'ELF files, MB per CPU-second', unit: 'ratio', reach: 15, aim: 30 },
  scripts: { title: 'JavaScript, PHP, Python trees, MB per CPU-second', unit: 'ratio', reach: 50, aim: 100 },
  text: { title: 'one text file, MB per CPU-second', unit: 'ratio', reach: 20, aim: 50 },
  random: { title: 'one random file, MB per CPU-second', unit: 'ratio', reach: 20, aim: 50 },
  zip: { title: 'programs and scripts in zip, MB of content per CPU-second', unit: 'ratio', reach: 2 },
  tarGz: { title: 'the same in tar.gz', unit: 'ratio', reach: 2 },
  sevenZip: { title: 'the same in 7z', unit: 'ratio', reach: 2 },
  ready: { title: 'ready after the scanner process starts', unit: 'seconds', reach: 0.5, aim: 0.2 },
  memory: { title: 'memory of all processes, loaded, idle', unit: 'bytes', reach: 200 * MB, aim: 135 * MB },
  swap: { title: 'peak while definitions are swapped, of steady', unit: 'times', reach: 1.3 },
  pause: { title: 'longest pause of scans meanwhile', unit: 'seconds', reach: 0.5 },
  workers: { title: 'two workers against one', unit: 'ratio', reach: 1.7, aim: 1.9 },
  rescan: { title: 'unchanged tree again, CPU time of find', unit: 'times', reach: 3, aim: 2 },
  compile: { title: 'compiling, in a process of its own', unit: 'seconds', reach: 60, aim: 20 },
  compileMemory: { title: 'most memory while compiling', unit: 'bytes', reach: 2000 * MB },
} as const satisfies Record<string, Figure>

export type FigureName = keyof typeof figures

/** Figures that are speeds, and the corpus of each. */
export const corpusFigures = {
  elf: 'ELF files',
  scripts: 'scripts',
  text: 'text',
  random: 'random',
  zip: 'zip trees',
  tarGz: 'tar.gz trees',
  sevenZip: '7z trees',
} as const satisfies Record<string, Corpus['name']>

export type CorpusFigure = keyof typeof corpusFigures

/** What came of one figure. */
export interface Measured {
  readonly figure: FigureName
  /** The number that is judged. */
  readonly value: number
  /** Whole agent, engine alone and peer, as text, where there is such. */
  readonly agent?: string
  readonly engine?: string
  readonly peer?: string
  /** Why it does not count, in words. */
  readonly invalid?: string
  /** What else there is to know. */
  readonly note?: string
}

/** `aim`, `reached`, `missed`, or `invalid`. */
export function judge({ figure, value, invalid }: Measured): 'aim' | 'reached' | 'missed' | 'invalid' {
  if (invalid !== undefined || !Number.isFinite(value)) return 'invalid'
  const { unit, reach, aim }: Figure = figures[figure]
  const isReached = (bound: number) => (unit === 'ratio' ? value >= bound : value <= bound)
  if (aim !== undefined && isReached(aim)) return 'aim'
  return isReached(reach) ? 'reached' : 'missed'
}

export function formatValue(figure: FigureName, value: number): string {
  switch (figures[figure].unit) {
    case 'ratio':
    case 'times':
      return `${value >= 10 ? value.toFixed(1) : value.toFixed(2)}×`
    case 'seconds':
      return `${value.toFixed(2)} s`
    case 'bytes':
      return `${(value / MB).toFixed(0)} MB`
  }
}

export function formatBound(figure: FigureName, bound: number): string {
  const { unit } = figures[figure]
  const sign = unit === 'ratio' ? '≥' : '≤'
  if (unit === 'seconds') return `${sign} ${bound} s`
  return unit === 'bytes' ? `${sign} ${bound / MB} MB` : `${sign} ${bound}×`
}
