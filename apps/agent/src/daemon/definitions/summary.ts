/**
 * What is in a set, in numbers: what its publisher says of it, or what the file itself tells. Of the file only
 * the header is read; the scanner holds the only copy.
 */
import { closeSync, openSync, statSync } from 'node:fs'
import { DefinitionsAccount, type DefinitionsSummary } from '@coreward/contracts'
import { type DefinitionsSelf, LAYOUT_VERSION, readDefinitionsSelf } from '@coreward/definitions'
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
  const set = readFile(path)
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

/** Reads the header, and nothing more: the file's digest was compared when it came, and the scanner checks what is in it. */
function readFile(path: string): DefinitionsSelf {
  const fd = openSync(path, 'r')
  try {
    return readDefinitionsSelf(fd)
  } finally {
    closeSync(fd)
  }
}
