/** How much of a scan is done, as one number. */
import type { ScanProgress } from '@coreward/contracts'

/**
 * From 0 to 1: by bytes where they are known, because files differ in size by nine orders of magnitude, else by files.
 * Null while both are still being counted. Files that grow during the scan do not push it over 1.
 */
export function shareDone(progress: ScanProgress): number | null {
  const { bytesDone, bytesTotal, filesDone, filesTotal } = progress
  if (bytesTotal !== null && bytesTotal > 0) return Math.min(1, bytesDone / bytesTotal)
  if (filesTotal !== null && filesTotal > 0) return Math.min(1, filesDone / filesTotal)
  return null
}
