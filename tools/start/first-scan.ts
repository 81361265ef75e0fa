/**
 * The scan that `npm start` runs: asked of the agent like any other, drawn on one line, summed up at the end.
 */
import type { ScanRequest } from '@coreward/contracts'
import type { CallAgent } from '../../apps/agent/src/cli/control-client.ts'
import { progressLine } from '../../apps/agent/src/cli/progress-line.ts'
import { describeFinding, describeSummary } from '../../apps/agent/src/cli/scan.ts'
import { say } from './step.ts'

/** How many unscanned files are named one by one; the summary and the console have the rest. */
const unscannedNamed = 5

/** Runs a scan to its end and prints what came of it. `signal` asks the agent to stop it. */
export async function runFirstScan(
  call: CallAgent,
  title: string,
  request: ScanRequest,
  signal: AbortSignal,
): Promise<void> {
  say('', title)
  const line = progressLine(process.stdout)
  let scanId: string | undefined
  let unscanned = 0
  const cancel = () => {
    if (scanId !== undefined) call('cancelScan', { scanId }).catch(() => undefined)
  }
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const answer = await call('scan', { request, trigger: 'start' }, (progress) => {
      if (progress.kind === 'started') scanId = progress.scanId
      else if (progress.kind === 'progress') line.update(progress.progress)
      else if (progress.finding.kind === 'detection' || unscanned++ < unscannedNamed)
        line.print(`  ${describeFinding(progress.finding)}`)
    })
    line.end()
    if (unscanned > unscannedNamed)
      say(`  … and ${unscanned - unscannedNamed} more that could not be scanned whole`)
    if (answer.state !== 'completed')
      say(`  Scan ${answer.state}${answer.failure === null ? '' : `: ${answer.failure}`}`)
    say(describeSummary(answer.summary))
  } finally {
    line.end()
    signal.removeEventListener('abort', cancel)
  }
}
