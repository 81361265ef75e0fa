/**
 * `coreward quarantine`: what is in quarantine, and getting it out of there one way or the other.
 */
import { resolve } from 'node:path'
import { exitCode } from './exit-code.ts'
import { type CommandContext, printAnswer } from './output.ts'
import { formatBytes, formatPath, formatTable, formatTime } from './text.ts'

/** Lists the files in quarantine. */
export async function listQuarantine(context: CommandContext): Promise<number> {
  printAnswer(context, await context.call('listQuarantine', {}), ({ items }) => {
    if (items.length === 0) return 'Nothing is in quarantine.'
    const rows = items.map((item) => [
      item.id,
      formatTime(item.quarantinedAt),
      item.signature,
      formatBytes(item.size),
      formatPath(item.path, item.innerPath),
    ])
    return formatTable(['ID', 'SINCE', 'SIGNATURE', 'SIZE', 'PATH'], rows)
  })
  return exitCode.clean
}

/** Puts a file back where it was, or at `to`; refused when something is still found in it, unless told otherwise. */
export async function restoreQuarantined(
  context: CommandContext,
  id: string,
  options: { to?: string; overwrite?: boolean; evenIfInfected?: boolean },
): Promise<number> {
  const answer = await context.call('restore', {
    id,
    overwrite: options.overwrite ?? false,
    evenIfInfected: options.evenIfInfected ?? false,
    ...(options.to === undefined ? {} : { to: resolve(options.to) }),
  })
  printAnswer(context, answer, ({ path }) => `Restored ${formatPath(path)}`)
  return exitCode.clean
}

/** Deletes a file in quarantine for good. */
export async function deleteQuarantined(context: CommandContext, id: string): Promise<number> {
  await context.call('deleteQuarantined', { id })
  printAnswer(context, { id }, () => `Deleted ${id} for good`)
  return exitCode.clean
}
