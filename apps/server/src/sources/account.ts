/** What the compiler says of a set → what is published of it: the same in bounded length, as contracts lays down. */
import type { DefinitionsAccount } from '@coreward/contracts'
import type { CompileSummary } from '@coreward/definitions'

const mostCharacters = 500
const mostLines = 100
const mostKinds = 50
const mostFormats = 50
const mostSets = 100

/** The account of a set that was compiled. */
export function accountOf(summary: CompileSummary): DefinitionsAccount {
  const { counts, refusedCount, skipped, ignored } = summary
  return {
    counts: { ...counts },
    refusedCount,
    skipped,
    ignored,
    refused: summary.refused.slice(0, mostLines).map(({ file, line, reason }) => ({
      file: cut(file),
      line,
      reason: cut(reason),
    })),
    refusedKinds: summary.refusedKinds
      .slice(0, mostKinds)
      .map(({ reason, count }) => ({ reason: cut(reason), count })),
    unsupported: summary.unsupported
      .slice(0, mostFormats)
      .map(({ names, ...format }) => ({ ...format, names: names.map(cut) })),
    sets: summary.sets.slice(0, mostSets).map(({ file, outcome, reason, version, builtAt }) => ({
      file: cut(file),
      outcome,
      reason: reason === undefined ? null : cut(reason),
      version: version ?? null,
      builtAt: builtAt ?? null,
    })),
  }
}

function cut(text: string): string {
  return text.slice(0, mostCharacters)
}
