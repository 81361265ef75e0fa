/**
 * `coreward status`: the agent's health, versions and settings, with `[managed]` beside each value that the server's policy
 * set.
 */
import type { AgentStatus } from '@coreward/contracts'
import { exitCode } from './exit-code.ts'
import { type CommandContext, printAnswer } from './output.ts'
import { describeSummary } from './scan.ts'
import { formatBytes, formatCount, formatPath, formatTable, formatTime } from './text.ts'

/** Shows the status; the exit code is 0 whenever the agent answered, however it is. */
export async function showStatus(context: CommandContext): Promise<number> {
  printAnswer(context, await context.call('status', {}), describeStatus)
  return exitCode.clean
}

/** The status as text. */
function describeStatus(status: AgentStatus): string {
  const sections = [
    describeFacts(status),
    describeFindings(status),
    describeProcesses(status),
    describeScans(status),
    describeSettings(status),
  ]
  return sections.filter((section) => section !== '').join('\n\n')
}

function describeFacts(status: AgentStatus): string {
  const server =
    status.serverUrl === null
      ? 'none: this agent is not enrolled'
      : `${status.serverUrl} (${status.connected ? 'connected' : `last contact ${formatTime(status.lastContactAt)}`})`
  const rows: [string, string][] = [
    ['Health', status.health],
    ['Host', `${status.host.hostname}, ${status.host.operatingSystem}, ${status.host.architecture}`],
    [
      'Agent',
      `${status.versions.agent} on Node ${status.versions.node}${status.agentId === null ? '' : `, id ${status.agentId}`}`,
    ],
    ['Server', server],
    ['Certificate until', formatTime(status.certificateExpiresAt)],
    ['Definitions', status.versions.definitions ?? 'none'],
    [
      'Policy',
      status.versions.policy === null
        ? 'none from the server: defaults hold'
        : `version ${status.versions.policy}`,
    ],
    ['Events waiting', formatCount(status.spooledEvents)],
    ['In quarantine', formatCount(status.quarantinedFiles)],
    ['Data folder', formatPath(status.dataFolder)],
  ]
  const width = Math.max(...rows.map(([label]) => label.length))
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n')
}

function describeFindings(status: AgentStatus): string {
  if (status.findings.length === 0) return ''
  return [
    'To look at',
    ...status.findings.map((finding) => `  ${finding.severity}: ${finding.text} (${finding.code})`),
  ].join('\n')
}

function describeProcesses(status: AgentStatus): string {
  const rows = status.processes.map((process) => [
    `  ${process.name}`,
    String(process.pid),
    process.pssBytes === null ? '–' : formatBytes(process.pssBytes),
    formatCount(process.restarts),
  ])
  return formatTable(['  PROCESS', 'PID', 'MEMORY (PSS)', 'RESTARTS'], rows)
}

function describeScans(status: AgentStatus): string {
  const running = status.runningScans.map(
    (scan) =>
      `Running: ${scan.kind} scan ${scan.scanId}, ${formatCount(scan.progress?.filesDone ?? 0)} files so far`,
  )
  const last = status.lastScan
  const over =
    last === null
      ? ['No scan has ended yet.']
      : [
          `Last scan: ${last.kind}, ${last.state}, ${formatTime(last.summary.finishedAt)}`,
          describeSummary(last.summary),
        ]
  return [...running, ...over].join('\n')
}

function describeSettings(status: AgentStatus): string {
  return [
    'Settings',
    ...status.settings.map(
      (setting) =>
        `  ${setting.name} = ${JSON.stringify(setting.value)}${setting.source === 'managed' ? '  [managed]' : ''}`,
    ),
  ].join('\n')
}
