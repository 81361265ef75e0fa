/**
 * `coreward definitions`: which set is in use, what is in it, and asking the server for a newer one now.
 */
import type { DefinitionsSummary, SourceSet, UnsupportedSignatures } from '@coreward/contracts'
import { exitCode } from './exit-code.ts'
import { type CommandContext, printAnswer } from './output.ts'
import { formatBytes, formatCount, formatPath, formatTime } from './text.ts'

/** Shows the set in use and the one before it. */
export async function showDefinitions(context: CommandContext): Promise<number> {
  printAnswer(context, await context.call('showDefinitions', {}), (answer) =>
    [
      answer.active === null
        ? 'No definitions are loaded: nothing can be found.'
        : describeSet('In use', answer.active),
      ...(answer.previous === null ? [] : [describeSet('Kept from before', answer.previous)]),
      `Last asked the server: ${formatTime(answer.checkedAt)}`,
      ...(answer.failure === null ? [] : [`The last update failed: ${answer.failure}`]),
    ].join('\n'),
  )
  return exitCode.clean
}

/** Asks the server for the assigned set and loads it. */
export async function updateDefinitions(context: CommandContext): Promise<number> {
  printAnswer(context, await context.call('updateDefinitions', {}), ({ outcome, version }) =>
    outcome === 'updated' ? `Updated to ${version}` : `${version} is current`,
  )
  return exitCode.clean
}

/** A set for people: what is in it, what it was made of, and what of that is not in it, and why. */
export function describeSet(label: string, set: DefinitionsSummary): string {
  const counts = Object.entries(set.counts).map(([format, count]) => `${format} ${formatCount(count)}`)
  const unsupported = set.unsupported.reduce((sum, { count }) => sum + count, 0)
  const left = [
    `refused ${formatCount(set.refusedCount)}`,
    `not supported ${formatCount(unsupported)}`,
    `for other versions of ClamAV ${formatCount(set.skipped)}`,
    `left out by .ign2 ${formatCount(set.ignored)}`,
  ]
  return [
    `${label}: ${set.version}, made ${formatTime(set.createdAt)}, ${formatBytes(set.bytes)}`,
    `  SHA-256 ${set.sha256}`,
    `  signatures: ${counts.join(', ') || 'none'}`,
    `  not in it: ${left.join(', ')}`,
    ...set.sets.map(sourceSet),
    ...set.unsupported.map(unsupportedFormat),
    ...set.refused.map(
      ({ file, line, reason }) => `    refused: ${formatPath(file)}${line > 0 ? `:${line}` : ''}: ${reason}`,
    ),
    ...moreRefused(set),
  ].join('\n')
}

function sourceSet({ file, outcome, reason, version, builtAt }: SourceSet): string {
  const facts = [
    ...(version === null ? [] : [`version ${version}`]),
    ...(builtAt === null ? [] : [`built ${formatTime(builtAt)}`]),
    `${outcome}${reason === null ? '' : `: ${reason}`}`,
  ]
  return `  from ${formatPath(file)}: ${facts.join(', ')}`
}

function unsupportedFormat({ format, count, reason, names }: UnsupportedSignatures): string {
  const more = count > names.length ? ` and ${formatCount(count - names.length)} more` : ''
  const named = names.length === 0 ? '' : `: ${names.map((name) => formatPath(name)).join(', ')}${more}`
  return `    not supported: ${format} ${formatCount(count)} (${reason})${named}`
}

/** Lines that are not listed one by one, by their reasons. */
function moreRefused({ refused, refusedCount, refusedKinds }: DefinitionsSummary): string[] {
  if (refusedCount <= refused.length) return []
  const kinds = refusedKinds.map(({ reason, count }) => `      ${formatCount(count)} × ${reason}`)
  return [
    `    ${formatCount(refusedCount - refused.length)} more were refused; all by their reasons:`,
    ...kinds,
  ]
}
