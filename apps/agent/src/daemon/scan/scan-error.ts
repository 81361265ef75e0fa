/**
 * The failure of asking for a scan, or for an action on what one found. What goes wrong with a file during a scan is in the
 * scan's summary and never comes this way.
 */

/**
 * - `scan.busy`: as many scans run as may.
 * - `scan.unknown`: no such scan runs.
 * - `path.missing`: a path that was named is not there, or is a link to nowhere.
 * - `path.out-of-scope`: a path that was named is never scanned.
 * - `definitions.none`: there is nothing to scan with.
 * - `file.changed`: the file is not the one in which something was found; it stays as it is.
 * - `quarantine.infected`: something is still found in what was to be restored, or it could not be scanned wholly.
 */
export type ScanErrorCode =
  | 'scan.busy'
  | 'scan.unknown'
  | 'path.missing'
  | 'path.out-of-scope'
  | 'definitions.none'
  | 'file.changed'
  | 'quarantine.infected'

export class ScanError extends Error {
  override readonly name = 'ScanError'
  readonly code: ScanErrorCode

  constructor(code: ScanErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
