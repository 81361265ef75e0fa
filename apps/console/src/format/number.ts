/**
 * Numbers, sizes and shares of time as people read them, by `Intl` in the language given. No words of ours in here:
 * units come from `Intl` too.
 */

const binaryUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const
const binarySymbols = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** A count with the language's grouping. */
export function formatCount(value: number, language: string): string {
  return new Intl.NumberFormat(language).format(value)
}

/** A size in bytes in the largest unit of 1024 that keeps it at 1 or above: `1.5 GiB`. */
export function formatBytes(bytes: number, language: string): string {
  let value = bytes
  let power = 0
  while (value >= 1024 && power < binarySymbols.length - 1) {
    value /= 1024
    power += 1
  }
  const digits = power === 0 || value >= 100 ? 0 : 1
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value)
  return `${number} ${binarySymbols[power]}`
}

/** A speed in bytes a second, in decimal units as networks and disks are sold: `84.2 MB/s`. */
export function formatRate(bytesPerSecond: number, language: string): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytesPerSecond, 1)) / 3), binaryUnits.length - 1)
  const unit = binaryUnits[power] ?? 'byte'
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: `${unit}-per-second`,
    maximumFractionDigits: power === 0 ? 0 : 1,
  }).format(bytesPerSecond / 1000 ** power)
}

/**
 * A share from 0 to 1 as a percentage with one digit. It is rounded down, so that 100 % means all of it: a coverage of
 * 99.97 % must not look complete.
 */
export function formatShare(share: number, language: string): string {
  const percent = Math.floor(share * 1000) / 1000
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(percent)
}

/** A file mode as `ls` shows it, without the type letter: `rwxr-x---`, with s and t where they are set. */
export function formatMode(mode: number): string {
  const triple = (bits: number, special: boolean, letter: 's' | 't') => {
    const run = (bits & 1) !== 0
    const last = special ? (run ? letter : letter.toUpperCase()) : run ? 'x' : '-'
    return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${last}`
  }
  return (
    triple((mode >> 6) & 7, (mode & 0o4000) !== 0, 's') +
    triple((mode >> 3) & 7, (mode & 0o2000) !== 0, 's') +
    triple(mode & 7, (mode & 0o1000) !== 0, 't')
  )
}
