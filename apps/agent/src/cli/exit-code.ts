/**
 * What the command line's exit codes mean. They are part of the product's interface: scripts depend on them.
 */
import type { ScanState, ScanSummary } from '@coreward/contracts'

export const exitCode = {
  /** Done; a scan found nothing and looked at everything. */
  clean: 0,
  /** Something was found, whatever was done about it. */
  detected: 1,
  /** The command failed. */
  error: 2,
  /** Nothing was found, but not everything could be scanned. */
  incomplete: 3,
} as const

/**
 * The exit code of a scan that is over. A detection goes before everything; a scan that did not run to its end, that left a
 * file or folder out, or for which the policy's exclusions left nothing to look at, is never `clean`.
 */
export function exitCodeOfScan(state: ScanState, summary: ScanSummary): number {
  if (summary.filesInfected > 0) return exitCode.detected
  if (state === 'failed') return exitCode.error
  const onlyExcluded = summary.filesScanned === 0 && summary.filesExcluded > 0
  const complete =
    state === 'completed' &&
    summary.foldersUnreadable === 0 &&
    Object.keys(summary.unscanned).length === 0 &&
    !onlyExcluded
  return complete ? exitCode.clean : exitCode.incomplete
}
