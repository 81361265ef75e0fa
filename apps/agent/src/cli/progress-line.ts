/**
 * A running scan on one line of a terminal, redrawn in place; where output is not a terminal, a line now and then. It
 * never draws more often than people can read.
 */
import type { ScanProgress } from '@coreward/contracts'
import { formatBytes, formatCount, formatPath, formatSeconds } from './text.ts'

const terminalInterval = 100
const logInterval = 10_000
const barWidth = 24

/** Where a progress line is drawn. */
export interface ProgressLine {
  update(progress: ScanProgress): void
  /** Prints a line of its own above the progress. */
  print(line: string): void
  /** Takes the line away. */
  end(): void
}

/** A progress line on `stream`, as wide as the terminal; lines of their own go to `answers`. */
export function progressLine(
  stream: NodeJS.WriteStream,
  answers: NodeJS.WritableStream = stream,
): ProgressLine {
  // A short scan says nothing in a log.
  let last = stream.isTTY ? 0 : Date.now()
  let shown = ''
  const clear = () => {
    if (shown !== '' && stream.isTTY) stream.write('\r\u001b[K')
    shown = ''
  }
  return {
    update(progress) {
      const now = Date.now()
      if (now - last < (stream.isTTY ? terminalInterval : logInterval)) return
      last = now
      const text = describeProgress(progress, stream.isTTY ? stream.columns - 1 : Number.POSITIVE_INFINITY)
      if (stream.isTTY) stream.write(`\r\u001b[K${text}`)
      else stream.write(`${text}\n`)
      shown = text
    },
    print(line) {
      const again = shown
      clear()
      answers.write(`${line}\n`)
      if (again !== '' && stream.isTTY) {
        stream.write(again)
        shown = again
      }
    },
    end: clear,
  }
}

/** The text of the line: bar, files, size, rate, time left, findings, and as much of the path as fits in `width`. */
export function describeProgress(progress: ScanProgress, width: number): string {
  const { filesDone, filesTotal, bytesDone, bytesTotal } = progress
  const counting = filesTotal === null || bytesTotal === null
  const share = counting ? 0 : bytesTotal === 0 ? filesDone / Math.max(1, filesTotal) : bytesDone / bytesTotal
  const filled = Math.min(barWidth, Math.floor(share * barWidth))
  const parts = [
    counting
      ? `[${'·'.repeat(barWidth)}] counting`
      : `[${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}] ${String(Math.floor(Math.min(share, 1) * 100)).padStart(3)} %`,
    `${formatCount(filesDone)}${counting ? '' : `/${formatCount(filesTotal)}`} files`,
    `${formatBytes(bytesDone)}${counting ? '' : ` of ${formatBytes(bytesTotal)}`}`,
    `${formatBytes(progress.bytesPerSecond)}/s`,
  ]
  if (progress.secondsLeft !== null) parts.push(`${formatSeconds(progress.secondsLeft)} left`)
  if (progress.detections > 0) parts.push(`${formatCount(progress.detections)} detected`)
  if (progress.unscanned > 0) parts.push(`${formatCount(progress.unscanned)} unscanned`)
  const text = parts.join('  ')
  const path = progress.currentPath === null ? '' : formatPath(progress.currentPath)
  const room = width - text.length - 2
  if (path === '' || room < 12 || room === Number.POSITIVE_INFINITY) return text.slice(0, width)
  return `${text}  ${path.length <= room ? path : `…${path.slice(path.length - room + 1)}`}`
}
