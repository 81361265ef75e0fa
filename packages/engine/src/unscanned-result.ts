/**
 * The result for a file that no worker gave one for: it was cancelled in the queue, or its worker is gone.
 */
import { fstatSync } from 'node:fs'
import { unscannedPart } from './findings.ts'
import type { ScanResult, UnscannedReason } from './verdict.ts'
import type { ScanInput } from './worker-messages.ts'

/** A result that says nothing was read; `milliseconds` is the time the caller has waited. */
export function unscannedResult(
  input: ScanInput,
  reason: UnscannedReason,
  detail: string,
  milliseconds: number,
  definitionsVersion: string,
): ScanResult {
  return {
    verdict: { outcome: 'unscanned', unscanned: [unscannedPart(reason, undefined, detail)] },
    bytes: inputSize(input),
    bytesRead: 0,
    fileType: 'unknown',
    milliseconds,
    definitionsVersion,
  }
}

/** 0 when the descriptor cannot be asked, for instance because its owner has closed it. */
function inputSize(input: ScanInput): number {
  if ('bytes' in input) return input.bytes.length
  try {
    return fstatSync(input.fd).size
  } catch {
    return 0
  }
}
