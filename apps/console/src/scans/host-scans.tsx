/** A host's scans: those that run, with their progress, and the last one that ended, with its summary. */
import { type Agent, endpoints } from '@coreward/contracts'
import { Anchor, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { queryOf } from '../api/query.ts'
import { Moment } from '../ui/moment.tsx'
import { Panel } from '../ui/panel.tsx'
import { ScanProgressBar } from './scan-progress.tsx'
import { ScanStateMark } from './scan-state-mark.tsx'
import { ScanSummaryView } from './scan-summary.tsx'
import { useScanName } from './use-scan-name.ts'

/** How many of the newest scans are looked through for running ones. */
const newest = 10

export function HostScans({ agent }: { agent: Agent }) {
  const { t } = useTranslation()
  const { data } = useQuery(queryOf(endpoints.listScans, { query: { agentId: agent.id, limit: newest } }))
  const nameOf = useScanName()
  const running = data?.items.filter(({ state }) => state === 'running' || state === 'requested') ?? []
  const last = agent.lastScan
  return (
    <>
      {running.map((scan) => (
        <Panel
          key={scan.id}
          title={t('scans.running', { scan: nameOf(scan) })}
          beside={
            <Anchor component={Link} to={`/scans/${scan.id}`} size="sm">
              {t('scans.open')}
            </Anchor>
          }
        >
          <ScanProgressBar scan={scan} />
        </Panel>
      ))}
      <Panel
        title={t('scans.last')}
        beside={
          <Anchor component={Link} to={`/scans?agentId=${agent.id}`} size="sm">
            {t('scans.allOfHost')}
          </Anchor>
        }
      >
        {last === null ? (
          <Text size="sm" c="dimmed">
            {t('scans.neverOfHost')}
          </Text>
        ) : (
          <Stack gap="md">
            <Group gap="lg" fz={13}>
              <Anchor component={Link} to={`/scans/${last.id}`} fz="inherit" fw={500}>
                {t(`scans.kind.${last.kind}`)}
              </Anchor>
              <ScanStateMark scan={last} />
              <Moment at={last.finishedAt} />
            </Group>
            {last.summary && <ScanSummaryView summary={last.summary} scanId={last.id} />}
          </Stack>
        )}
      </Panel>
    </>
  )
}
