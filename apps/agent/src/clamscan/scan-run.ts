/**
 * One run, in the order of the walk: path → open → scan (some files ahead, as many as there are workers) → judgement → line →
 * what is to be done about a detection. Each file stays open until its line is told, so that what is done is done to it.
 */
import { closeSync } from 'node:fs'
import type { Scanner, ScanResult } from '@coreward/engine'
import { defaultLimits } from '@coreward/engine'
import type { Orders } from './command-line.ts'
import { inOrder, judge, printedName } from './judgement.ts'
import { type Opened, openStandardInput, openTarget } from './open-target.ts'
import type { PutAway } from './put-away.ts'
import type { Report } from './report.ts'
import type { Tally } from './summary.ts'
import type { Found } from './target-walk.ts'

export interface Run {
  readonly orders: Orders
  readonly scanner: Pick<Scanner, 'scan'>
  /** Files opened and given to the scanner before the first of them is told. */
  readonly ahead: number
  readonly report: Report
  readonly tally: Tally
  /** What is done about an infected file; undefined: nothing. */
  readonly putAway: PutAway | undefined
  /** What tells of a file besides its line; undefined: nothing. */
  readonly describe: ((path: string, result: ScanResult) => void) | undefined
}

/** A thing met, and its scan if it has one. */
interface Underway {
  readonly found: Found
  readonly opened?: Opened
  readonly result?: Promise<ScanResult>
}

/** Scans all that was found and tells each in turn. */
export async function scanAll(found: Iterable<Found>, run: Run): Promise<void> {
  const underway: Underway[] = []
  for (const next of found) {
    underway.push(begin(next, run))
    if (underway.length > run.ahead) await finish(underway.shift() as Underway, run)
  }
  for (const next of underway) await finish(next, run)
}

function begin(found: Found, { scanner, orders }: Run): Underway {
  if (found.kind !== 'file' && found.kind !== 'stdin') return { found }
  const most = orders.limits.maxFileBytes ?? defaultLimits.maxFileBytes
  const opened = found.kind === 'file' ? openTarget(found) : openStandardInput(most)
  if (!('fd' in opened)) return { found, opened }
  const wishes = {
    alerts: orders.alerts,
    contents: orders.descriptions !== undefined,
    normalise: orders.normalise,
  }
  return { found, opened, result: scanner.scan({ fd: opened.fd }, wishes) }
}

async function finish({ found, opened, result }: Underway, run: Run): Promise<void> {
  const { report, tally, orders } = run
  switch (found.kind) {
    case 'folder':
      tally.folders += 1
      return
    case 'passed':
      if (found.failed) tally.errors += 1
      report.result(`${found.path}: ${found.why}`)
      return
    case 'refused':
      tally.hindered = true
      // As perror(3) writes it: nothing stands before the colon of an empty name, nor the colon.
      if (found.fault !== undefined)
        report.complaint(found.path === '' ? found.fault : `${found.path}: ${found.fault}`)
      report.warning(`${found.path}: ${found.warning}`)
      return
  }
  const path = found.kind === 'stdin' ? 'stdin' : found.path
  if (opened === undefined || 'refusal' in opened || result === undefined) {
    tally.errors += 1
    report.result(`${path}: ${opened !== undefined && 'refusal' in opened ? opened.refusal : 'ERROR'}`)
    return
  }
  try {
    if (orders.verbose) report.finding(`Scanning ${path}`)
    tally.files += 1
    tell(path, await result, run)
    run.describe?.(path, await result)
    if (found.kind === 'file' && (await result).verdict.outcome === 'infected')
      run.putAway?.({ path, realPath: found.realPath, ...opened }, report, tally)
  } finally {
    closeSync(opened.fd)
  }
}

function tell(path: string, result: ScanResult, { report, tally, orders }: Run): void {
  tally.bytesScanned += result.bytesRead
  tally.bytesRead += result.bytesRead
  const judgement = judge(result.verdict, orders.asStock)
  if (judgement.word === 'OK') report.ok(`${path}: OK`)
  else if (judgement.word === 'ERROR') {
    tally.errors += 1
    report.finding(`${path}: ${judgement.why} ERROR`)
  } else {
    tally.infected += 1
    const detections = inOrder(judgement.detections, orders.alertsFirst)
    const names = new Set(detections.map(printedName))
    for (const name of orders.allMatches ? names : [...names].slice(0, 1))
      report.finding(`${path}: ${name} FOUND`)
    for (const detection of orders.innerNames ? detections : []) {
      if (detection.innerPath !== undefined)
        report.finding(`${path}!${detection.innerPath}: ${printedName(detection)} FOUND`)
    }
    if (orders.bell) report.bell()
  }
}
