/** The columns of the list of hosts. */
import type { Agent } from '@coreward/contracts'
import { Anchor } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useFormat } from '../format/use-format.ts'
import { Absent } from '../ui/absent.tsx'
import type { Column } from '../ui/column.ts'
import { Moment } from '../ui/moment.tsx'
import { CurrencyMark } from './currency-mark.tsx'
import { HealthMark } from './health-mark.tsx'

/** Worst first, as one wants them when sorting. */
const ranks = { critical: 0, warning: 1, unknown: 2, healthy: 3 } as const

export function useHostColumns(): readonly Column<Agent>[] {
  const { t } = useTranslation()
  const format = useFormat()
  return useMemo(() => {
    const coverageOf = (agent: Agent): string | undefined => {
      const coverage = agent.lastScan?.summary?.coverage
      return coverage === null || coverage === undefined ? undefined : format.share(coverage)
    }
    return [
      {
        id: 'hostname',
        title: t('agents.column.hostname'),
        cell: (agent) => <span title={agent.host.hostname}>{agent.host.hostname}</span>,
        text: (agent) => agent.host.hostname,
        order: (agent) => agent.host.hostname,
      },
      {
        id: 'health',
        title: t('agents.column.health'),
        width: '88px',
        cell: (agent) => <HealthMark health={agent.health} revoked={agent.state === 'revoked'} />,
        text: (agent) =>
          agent.state === 'revoked' ? t('agents.revoked') : t(`agents.health.${agent.health}`),
        order: (agent) => ranks[agent.health],
      },
      {
        id: 'detections',
        title: t('agents.column.detections'),
        width: '64px',
        numeric: true,
        cell: (agent) =>
          agent.activeDetections === 0 ? (
            format.count(0)
          ) : (
            <Anchor
              component={Link}
              to={`/detections?agentId=${agent.id}&state=active`}
              fz="inherit"
              fw={600}
            >
              {format.count(agent.activeDetections)}
            </Anchor>
          ),
        text: (agent) => String(agent.activeDetections),
        order: (agent) => agent.activeDetections,
      },
      {
        id: 'system',
        title: t('agents.column.system'),
        rest: 'cut',
        secondary: true,
        cell: (agent) => <span title={agent.host.operatingSystem}>{agent.host.operatingSystem}</span>,
        text: (agent) => agent.host.operatingSystem,
        order: (agent) => agent.host.operatingSystem,
      },
      {
        id: 'definitions',
        title: t('agents.column.definitions'),
        cell: (agent) => (
          <CurrencyMark version={agent.versions.definitions} current={agent.definitionsCurrent} />
        ),
        text: (agent) => agent.versions.definitions ?? '',
        order: (agent) => agent.versions.definitions ?? '',
      },
      {
        id: 'policy',
        title: t('agents.column.policy'),
        width: '88px',
        secondary: true,
        cell: (agent) => <CurrencyMark version={agent.versions.policy} current={agent.policyCurrent} />,
        text: (agent) => String(agent.versions.policy ?? ''),
        order: (agent) => agent.versions.policy ?? 0,
      },
      {
        id: 'coverage',
        title: t('agents.column.coverage'),
        width: '72px',
        numeric: true,
        secondary: true,
        cell: (agent) => coverageOf(agent) ?? <Absent />,
        text: (agent) => coverageOf(agent) ?? '',
        order: (agent) => agent.lastScan?.summary?.coverage ?? undefined,
      },
      {
        id: 'scanned',
        title: t('agents.column.lastScan'),
        width: '104px',
        cell: (agent) => <Moment at={agent.lastScan?.finishedAt ?? null} />,
        text: (agent) => agent.lastScan?.finishedAt ?? '',
        order: (agent) => agent.lastScan?.finishedAt ?? undefined,
      },
      {
        id: 'seen',
        title: t('agents.column.lastSeen'),
        width: '104px',
        cell: (agent) => <Moment at={agent.lastSeenAt} />,
        text: (agent) => agent.lastSeenAt ?? '',
        order: (agent) => agent.lastSeenAt ?? undefined,
      },
    ]
  }, [t, format])
}
