/**
 * The scan of a single file, for whoever has no more than one.
 */
import type { FileVerbs, ScanAnswer, ScanVerbOptions } from './file-verbs.ts'
import { VerbError } from './verb-error.ts'

/** Scans one file. Errors as FileVerbs.scan. */
export async function scanOne(
  verbs: Pick<FileVerbs, 'scan'>,
  path: string,
  options: ScanVerbOptions = {},
): Promise<ScanAnswer> {
  let answer: ScanAnswer | undefined
  await verbs.scan([path], options, (_, given) => {
    answer = given
  })
  if (answer === undefined) throw new VerbError('malformed', 'A scan ended without an answer.')
  return answer
}
