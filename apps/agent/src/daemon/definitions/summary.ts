/**
 * What is in a set, in numbers: what its publisher says of it, or what the file itself tells. The file is opened and let go
 * again; the scanner holds the only copy that lasts.
 */
import { closeSync, openSync, statSync } from 'node:fs'
import { DefinitionsAccount, type DefinitionsSummary } from '@coreward/contracts'
import {
  type Definitions,
  definitionsOnDisk,
  LAYOUT_VERSION,
  openDefinitions,
  readResident,
} from '@coreward/definitions'
import { z } from 'zod'
import { DefinitionsKeeperError } from './definitions-error.ts'

/** The layout of definitions that this agent reads. */
export const engineLayout: number = LAYOUT_VERSION

/** The publisher's words in the TUF metadata, a JSON text because metadata holds plain values only: what only the compiler knew. */
const PublishedAccount = z.object({
  account: z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text)
      } catch {
        context.addIssue('not JSON')
        return z.NEVER
      }
    })
    .pipe(DefinitionsAccount),
})

/** Summarizes the set in a file. Throws when the file is no set, or of another version than was assigned. */
export function summarize(
  path: string,
  known: { readonly version: string; readonly sha256: string; readonly custom: unknown },
): DefinitionsSummary {
  const set = openFile(path)
  if (set.version !== known.version) {
    throw new DefinitionsKeeperError(
      'mismatch',
      `the file holds the definitions ${set.version}, the assignment says ${known.version}`,
    )
  }
  const published = PublishedAccount.safeParse(known.custom)
  const counts = { signatures: set.signatureCount }
  const account = published.data?.account ?? DefinitionsAccount.parse({ counts, refusedCount: 0 })
  return {
    version: set.version,
    sha256: known.sha256,
    bytes: statSync(path).size,
    createdAt: new Date(set.createdAt).toISOString(),
    ...account,
  }
}

/** Opens the set, of which only what lies in memory is read; nothing more can be asked of it. */
function openFile(path: string): Definitions {
  const fd = openSync(path, 'r')
  try {
    const resident = readResident(fd, (bytes) => new Uint8Array(bytes))
    return openDefinitions(definitionsOnDisk(fd, resident))
  } finally {
    closeSync(fd)
  }
}
