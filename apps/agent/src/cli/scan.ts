/**
 * `coreward scan`: starts a scan, shows how far it is, and says what came of it. Ctrl-C asks the agent to stop the scan and
 * waits for its summary.
 */
import { resolve } from 'node:path'
import type { ScanFinding, ScanRequest, ScanSummary, UnscannedReason } from '@coreward/contracts'
import { exitCodeOfScan } from './exit-code.ts'
import { type CommandContext, printAnswer } from './output.ts'
import { progressLine } from './progress-line.ts'
import {
  formatBytes,
  formatCount,
  formatCoverage,
  formatNumberOf,
  formatPath,
  formatSeconds,
} from './text.ts'

/** What of a scan is kept for the JSON answer at most; the agent's events have all of it. */
const findingsKept = 10_000

/** As the contract bounds them. */
const mostPaths = 100

/** The options of the command. */
export interface ScanWords {
  readonly quarantine?: boolean
  readonly fresh?: boolean
  readonly quiet?: boolean
}

/** Runs a scan to its end. `target`: quick, full, or paths (relative ones are taken from the working folder). */
export async function runScan(
  context: CommandContext,
  target: readonly string[],
  options: ScanWords,
): Promise<number> {
  const request = scanRequest(target, options)
  const line = progressLine(process.stderr, process.stdout)
  const quiet = options.quiet === true
  const findings: ScanFinding[] = []
  let scanId: string | undefined
  const cancel = () => {
    if (scanId !== undefined) context.call('cancelScan', { scanId }).catch(() => undefined)
  }
  process.on('SIGINT', cancel)
  try {
    const answer = await context.call('scan', { request, trigger: 'command-line' }, (progress) => {
      if (progress.kind === 'started') scanId = progress.scanId
      else if (progress.kind === 'progress') !quiet && line.update(progress.progress)
      else {
        if (findings.length < findingsKept) findings.push(progress.finding)
        if (context.output === 'text') line.print(describeFinding(progress.finding))
      }
    })
    line.end()
    printAnswer(context, { ...answer, findings }, () =>
      [
        `Scan ${answer.state}${answer.failure === null ? '' : `: ${answer.failure}`}`,
        describeSummary(answer.summary),
      ].join('\n'),
    )
    return exitCodeOfScan(answer.state, answer.summary)
  } finally {
    line.end()
    process.off('SIGINT', cancel)
  }
}

/** The request that the words on the command line mean. Throws Error when they are too many. */
export function scanRequest(
  target: readonly string[],
  { quarantine = false, fresh = false }: ScanWords,
): ScanRequest {
  const [first] = target
  const wishes = {
    ...(quarantine ? { action: 'quarantine' as const } : {}),
    ...(fresh ? { fresh } : {}),
  }
  if (target.length === 1 && (first === 'quick' || first === 'full'))
    return { kind: first, paths: [], ...wishes }
  if (target.length > mostPaths) {
    throw new Error(
      `A scan takes ${mostPaths} paths at most, not ${target.length}: name the folder they are in.`,
    )
  }
  return { kind: 'custom', paths: target.map((path) => resolve(path)), ...wishes }
}

/** One line about one file. */
export function describeFinding(finding: ScanFinding): string {
  const path = formatPath(finding.path, finding.innerPath)
  if (finding.kind === 'unscanned')
    return `UNSCANNED  ${path}: ${unscannedText[finding.reason]}${finding.detail === null ? '' : ` (${formatPath(finding.detail)})`}`
  const what = {
    reported: 'reported, left in its place',
    quarantined: 'moved to quarantine',
    'quarantine-failed': `could not be moved to quarantine: ${finding.failure ?? 'see the events'}`,
  }[finding.action]
  return `DETECTED   ${path}: ${finding.signature} (${finding.severity}), ${what}`
}

/** What a reason means, for people. */
const unscannedText: Readonly<Record<UnscannedReason, string>> = {
  encrypted: 'encrypted, no password fits',
  'too-large': 'larger than the limit',
  'too-deep': 'nested deeper than the limit',
  'too-many-entries': 'more entries than the limit',
  'compression-ratio': 'compressed more than the limit allows',
  'timed-out': 'took longer than the limit',
  damaged: 'damaged',
  unsupported: 'in a form that is not supported',
  'changed-during-scan': 'changed while it was scanned',
  unreadable: 'could not be read',
  vanished: 'vanished before it was scanned',
  'budget-exceeded': 'needed more work than the limit',
  crashed: 'the scanner stopped at it',
  cancelled: 'the scan was stopped',
}

/** A summary in a few lines: what was scanned, found, left out and why, and the coverage. */
export function describeSummary(summary: ScanSummary): string {
  const seconds = (Date.parse(summary.finishedAt) - Date.parse(summary.startedAt)) / 1000
  const rate = seconds > 0 ? `, ${formatBytes(summary.bytesScanned / seconds)}/s` : ''
  const rows: [string, string][] = [
    [
      'Scanned',
      `${formatNumberOf(summary.filesScanned, 'file')}, ${formatBytes(summary.bytesScanned)} in ${formatSeconds(seconds)}${rate}`,
    ],
    ...describeUnchanged(summary),
    ['Detected', summary.filesInfected === 0 ? 'nothing' : formatNumberOf(summary.filesInfected, 'file')],
    ['Excluded', formatNumberOf(summary.filesExcluded, 'file')],
    ['Unscanned', describeUnscanned(summary)],
    ['Coverage', formatCoverage(summary.coverage)],
    ['Definitions', summary.definitionsVersion ?? 'none'],
  ]
  return rows.map(([label, value]) => `  ${label.padEnd(11)}  ${value}`).join('\n')
}

function describeUnchanged(summary: ScanSummary): [string, string][] {
  const { filesUnchanged, filesAnswered, filesAgainstAdditions } = summary
  const rows: [string, string][] = []
  if (filesUnchanged > 0) {
    const answered =
      filesAnswered === 0 ? '' : `, ${formatCount(filesAnswered)} of them before signatures were added`
    rows.push([
      'Unchanged',
      `${formatCount(filesUnchanged)} of them, clean before and not read again${answered}`,
    ])
  }
  if (filesAgainstAdditions > 0)
    rows.push([
      'Reread',
      `${formatCount(filesAgainstAdditions)} of them, for signatures that were added alone`,
    ])
  return rows
}

function describeUnscanned(summary: ScanSummary): string {
  const reasons = Object.entries(summary.unscanned) as [UnscannedReason, number][]
  const parts = reasons.map(([reason, count]) => `${formatCount(count)} ${unscannedText[reason]}`)
  if (summary.foldersUnreadable > 0)
    parts.push(`${formatNumberOf(summary.foldersUnreadable, 'folder')} could not be listed`)
  return parts.length === 0 ? 'nothing' : parts.join('; ')
}
