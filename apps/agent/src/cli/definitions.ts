/**
 * `coreward definitions`: which set is in use, what is in it, and asking the server for a newer one now.
 */
import type { DefinitionsSummary } from '@coreward/contracts'
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

function describeSet(label: string, set: DefinitionsSummary): string {
  const counts = Object.entries(set.counts).map(([format, count]) => `${format} ${formatCount(count)}`)
  const refused = set.refused.map(
    (line) => `    refused: ${formatPath(line.file)}:${line.line}: ${line.reason}`,
  )
  return [
    `${label}: ${set.version}, made ${formatTime(set.createdAt)}, ${formatBytes(set.bytes)}`,
    `  SHA-256 ${set.sha256}`,
    `  signatures: ${counts.join(', ')}; refused ${formatCount(set.refusedCount)}`,
    ...refused,
  ].join('\n')
}
