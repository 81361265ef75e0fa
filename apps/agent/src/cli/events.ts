/**
 * `coreward events`: what this host has told the centre, or will when it can be reached again.
 */
import type { EventContent } from '@coreward/contracts'
import { eventNumbers } from '@coreward/contracts'
import { exitCode } from './exit-code.ts'
import { type CommandContext, printAnswer } from './output.ts'
import { formatCount, formatNumberOf, formatPath, formatTable, formatTime } from './text.ts'

/** Lists the newest events. */
export async function listEvents(context: CommandContext, limit: number): Promise<number> {
  printAnswer(context, await context.call('listEvents', { limit }), ({ items }) => {
    if (items.length === 0) return 'No events yet.'
    const rows = items.map((item) => [
      formatTime(item.occurredAt),
      String(eventNumbers[item.content.type]),
      item.content.type,
      item.delivered ? 'delivered' : 'waiting',
      describeEvent(item.content),
    ])
    return formatTable(['TIME', 'NUMBER', 'EVENT', 'SERVER', 'WHAT'], rows)
  })
  return exitCode.clean
}

/** An event in one line. */
function describeEvent(content: EventContent): string {
  switch (content.type) {
    case 'agent.started':
      return `agent ${content.data.agentVersion}${content.data.asRoot ? ' as root' : ''}`
    case 'agent.stopped':
      return ''
    case 'process.replaced':
      return `${content.data.process}: ${content.data.reason}`
    case 'scan.started':
      return `${content.data.kind} ${content.data.paths.map((path) => formatPath(path)).join(' ')}`.trimEnd()
    case 'scan.finished': {
      const { kind, state, summary } = content.data
      return `${kind} ${state}: ${formatNumberOf(summary.filesScanned, 'file')}, ${formatCount(summary.filesInfected)} detected`
    }
    case 'file.unscanned':
      return `${content.data.reason}: ${formatPath(content.data.path, content.data.innerPath)}`
    case 'threat.detected':
      return `${content.data.signature}: ${formatPath(content.data.path, content.data.innerPath)}`
    case 'threat.action': {
      const { action, outcome, path, failure } = content.data
      return `${action} ${outcome}: ${formatPath(path)}${failure === null ? '' : ` (${failure})`}`
    }
    case 'definitions.updated':
      return `${content.data.previous ?? 'none'} → ${content.data.version}`
    case 'policy.applied':
      return `${content.data.previous ?? 'none'} → ${content.data.version}`
    case 'definitions.failed':
    case 'policy.failed':
      return content.data.failure
  }
}
