/**
 * The numbers of a run and the block that tells them at its end, line by line as stock clamscan writes it.
 */

/** What is counted while scanning. */
export interface Tally {
  folders: number
  files: number
  infected: number
  errors: number
  notRemoved: number
  notMoved: number
  notCopied: number
  bytesScanned: number
  bytesRead: number
  /** Something hindered the run without being an error of one file: a path that is not there. */
  hindered: boolean
}

/** Nothing counted yet. */
export function emptyTally(): Tally {
  return {
    folders: 0,
    files: 0,
    infected: 0,
    errors: 0,
    notRemoved: 0,
    notMoved: 0,
    notCopied: 0,
    bytesScanned: 0,
    bytesRead: 0,
    hindered: false,
  }
}

/** The exit code: 1 goes before 2, except that what was found and could not be put away is an error. */
export function exitCodeOf(tally: Tally): number {
  if (tally.notRemoved + tally.notMoved + tally.notCopied > 0) return 2
  if (tally.infected > 0) return 1
  return tally.errors > 0 || tally.hindered ? 2 : 0
}

/** The block. `signatures`: how many were looked for. */
export function formatSummary(
  tally: Tally,
  signatures: number,
  engineVersion: string,
  started: Date,
  ended: Date,
): string {
  const seconds = (ended.getTime() - started.getTime()) / 1000
  const whole = Math.floor(seconds)
  // Stock counts in blocks of 4096 bytes.
  const [scanned, read] = [Math.floor(tally.bytesScanned / 4096), Math.floor(tally.bytesRead / 4096)]
  const lines: (readonly [string, string | number, boolean?])[] = [
    ['Known viruses: ', signatures],
    ['Engine version: ', engineVersion],
    ['Scanned directories: ', tally.folders],
    ['Scanned files: ', tally.files],
    ['Infected files: ', tally.infected],
    ['Total errors: ', tally.errors, tally.errors > 0],
    ['Not removed: ', tally.notRemoved, tally.notRemoved > 0],
    ['Not copied: ', tally.notCopied, tally.notCopied > 0],
    ['Not moved: ', tally.notMoved, tally.notMoved > 0],
    ['Data scanned: ', `${megabytes(scanned)} MB`],
    ['Data read: ', `${megabytes(read)} MB (ratio ${(read === 0 ? 0 : scanned / read).toFixed(2)}:1)`],
    ['Time: ', `${seconds.toFixed(3)} sec (${Math.floor(whole / 60)} m ${whole % 60} s)`],
    ['Start Date: ', formatDate(started)],
    ['End Date:   ', formatDate(ended)],
  ]
  const shown = lines.filter(([, , wanted = true]) => wanted)
  return `\n----------- SCAN SUMMARY -----------\n${shown.map(([label, value]) => `${label}${value}`).join('\n')}`
}

function megabytes(blocks: number): string {
  return (blocks / 256).toFixed(2)
}

function formatDate(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join(':')
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`
}
