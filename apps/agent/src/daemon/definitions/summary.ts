/**
 * What is in a set, in numbers: what its publisher says of it, or what the file itself tells. The file is opened and let go
 * again; the scanner holds the only copy that lasts.
 */
import { readFile } from 'node:fs/promises'
import { Count, DefinitionsSummary } from '@coreward/contracts'
import { LAYOUT_VERSION, openDefinitions } from '@coreward/definitions'
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
    .pipe(
      z.object({
        counts: z.record(z.string(), Count),
        refusedCount: Count,
        refused: DefinitionsSummary.shape.refused.default([]),
      }),
    ),
})

/** Summarizes the set in a file. Rejects when the file is no set, or of another version than was assigned. */
export async function summarize(
  path: string,
  known: { readonly version: string; readonly sha256: string; readonly custom: unknown },
): Promise<DefinitionsSummary> {
  const bytes = await readFile(path)
  const set = openDefinitions(bytes)
  if (set.version !== known.version) {
    throw new DefinitionsKeeperError(
      'mismatch',
      `the file holds the definitions ${set.version}, the assignment says ${known.version}`,
    )
  }
  const account = PublishedAccount.safeParse(known.custom)
  const { counts, refusedCount, refused } = account.data?.account ?? {
    counts: countsOf(set),
    refusedCount: 0,
    refused: [],
  }
  return {
    version: set.version,
    sha256: known.sha256,
    bytes: bytes.length,
    createdAt: new Date(set.createdAt).toISOString(),
    counts,
    refusedCount,
    refused,
  }
}

function countsOf(set: ReturnType<typeof openDefinitions>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (let id = 0; id < set.signatureCount; id += 1) {
    const { kind } = set.signature(id)
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}
