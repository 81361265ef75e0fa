/** Hosts that want attention: critical ones first, then those with a warning, then silent ones. */
import { type Agent, endpoints } from '@coreward/contracts'
import { Text } from '@mantine/core'
import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { queryOf } from '../api/query.ts'
import type { Column } from '../ui/column.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Failure } from '../ui/failure.tsx'
import { Mark } from '../ui/mark.tsx'
import { Moment } from '../ui/moment.tsx'
import { Panel } from '../ui/panel.tsx'
import { findingTones, HealthMark } from './health-mark.tsx'

/** Hosts shown of each kind. */
const most = 5

export function HostsInNeed() {
  const { t } = useTranslation()
  const columns = useNeedColumns()
  const answers = useQueries({
    queries: (['critical', 'warning', 'unknown'] as const).map((health) =>
      queryOf(endpoints.listAgents, { query: { health, limit: most } }),
    ),
  })
  const hosts = answers.flatMap(({ data }) => data?.items ?? []).filter(({ state }) => state === 'enrolled')
  const failed = answers.find(({ isError }) => isError)
  const loading = answers.some(({ isPending }) => isPending)
  return (
    <Panel title={t('overview.attention')} flush>
      {failed && <Failure error={failed.error} retry={() => void failed.refetch()} />}
      {hosts.length === 0 ? (
        <Text component="div" size="sm" px="md" pb="md">
          {!failed && !loading && <Mark tone="healthy">{t('overview.allWell')}</Mark>}
        </Text>
      ) : (
        <DataTable
          label={t('overview.attention')}
          items={hosts}
          columns={columns}
          keyOf={({ id }) => id}
          linkTo={({ id }) => `/hosts/${id}`}
        />
      )}
    </Panel>
  )
}

function useNeedColumns(): readonly Column<Agent>[] {
  const { t } = useTranslation()
  return useMemo(
    () => [
      {
        id: 'hostname',
        title: t('agents.column.hostname'),
        width: '240px',
        cell: (agent) => agent.host.hostname,
        text: (agent) => agent.host.hostname,
      },
      {
        id: 'health',
        title: t('agents.column.health'),
        width: '112px',
        cell: (agent) => <HealthMark health={agent.health} />,
        text: (agent) => agent.health,
      },
      {
        id: 'finding',
        title: t('overview.finding'),
        rest: 'wrap',
        cell: (agent) => {
          const [worst] = [...agent.findings].sort((a, b) => rank(a.severity) - rank(b.severity))
          if (agent.activeDetections > 0)
            return <Mark tone="critical">{t('overview.infectedBy', { count: agent.activeDetections })}</Mark>
          if (!agent.online) return <Mark tone="unknown">{t('agents.finding.silent.what')}</Mark>
          return (
            worst && <Mark tone={findingTones[worst.severity]}>{t(`agents.finding.${worst.code}.what`)}</Mark>
          )
        },
        text: () => '',
      },
      {
        id: 'seen',
        title: t('agents.column.lastSeen'),
        width: '136px',
        cell: (agent) => <Moment at={agent.lastSeenAt} />,
        text: (agent) => agent.lastSeenAt ?? '',
      },
    ],
    [t],
  )
}

function rank(severity: 'critical' | 'warning' | 'information'): number {
  return ['critical', 'warning', 'information'].indexOf(severity)
}
