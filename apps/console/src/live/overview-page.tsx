/** The first page: how the fleet is in numbers that lead to what they count, and what wants attention now. */
import { endpoints, type Overview } from '@coreward/contracts'
import { Anchor, Box, Button, Group, SimpleGrid, Stack } from '@mantine/core'
import { IconServerOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { HostsInNeed } from '../agents/hosts-in-need.tsx'
import { queryOf } from '../api/query.ts'
import { RecentDetections } from '../detections/recent-detections.tsx'
import { useFormat } from '../format/use-format.ts'
import { AnswerOf } from '../ui/answer.tsx'
import { Figure } from '../ui/figure.tsx'
import type { Tone } from '../ui/mark.tsx'
import { Nothing } from '../ui/nothing.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import classes from './overview-page.module.css'
import { TrendChart } from './trend-chart.tsx'

export function OverviewPage() {
  const { t } = useTranslation()
  const query = useQuery(queryOf(endpoints.readOverview, {}))
  return (
    <Page title={t('shell.page.overview')}>
      <AnswerOf query={query}>
        {(overview) =>
          overview.agents.total === 0 ? (
            <NoHosts />
          ) : (
            <>
              <Numbers overview={overview} />
              <HostsInNeed />
              <RecentDetections title={t('overview.latest')} filter={{}} none={t('overview.noDetections')} />
            </>
          )
        }
      </AnswerOf>
    </Page>
  )
}

function NoHosts() {
  const { t } = useTranslation()
  return (
    <Nothing icon={<IconServerOff aria-hidden />} title={t('agents.none.title')} text={t('agents.none.text')}>
      <Button component={Link} to="/enrollment?token=new">
        {t('agents.enroll')}
      </Button>
    </Nothing>
  )
}

function Numbers({ overview }: { overview: Overview }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { agents, detections } = overview
  const figure = (name: string, value: number, to: string, tone?: Tone) => (
    <Figure key={to} name={name} value={format.count(value)} to={to} tone={value > 0 ? tone : undefined} />
  )
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
      <Panel title={t('overview.hosts')}>
        <Group className={classes.figures} align="flex-start">
          {figure(t('overview.figure.total'), agents.total, '/hosts')}
          {figure(t('agents.health.critical'), agents.critical, '/hosts?health=critical', 'critical')}
          {figure(t('agents.health.warning'), agents.warning, '/hosts?health=warning', 'warning')}
          {figure(t('agents.health.healthy'), agents.healthy, '/hosts?health=healthy', 'healthy')}
          {figure(t('agents.health.unknown'), agents.unknown, '/hosts?health=unknown', 'unknown')}
        </Group>
        <Group className={classes.figures} align="flex-start" mt="md">
          {figure(
            t('overview.figure.infected'),
            agents.withActiveDetections,
            '/hosts?detections=active',
            'critical',
          )}
          {figure(
            t('overview.figure.definitions'),
            agents.definitionsOutdated,
            '/hosts?outdated=definitions',
            'warning',
          )}
          {figure(t('overview.figure.policy'), agents.policyOutdated, '/hosts?outdated=policy', 'warning')}
          {figure(t('overview.figure.scans'), overview.scansRunning, '/scans?state=running', 'active')}
        </Group>
      </Panel>
      <Panel
        title={t('overview.detections')}
        beside={
          <Anchor component={Link} to="/detections" size="sm">
            {t('overview.allDetections')}
          </Anchor>
        }
      >
        <Group gap="xl" align="flex-start" wrap="nowrap">
          <Stack gap="sm" w={112} flex="none">
            {figure(t('detections.state.active'), detections.active, '/detections?state=active', 'critical')}
            {figure(
              t('detections.state.quarantined'),
              detections.quarantined,
              '/detections?state=quarantined',
            )}
            {figure(
              t('overview.figure.day'),
              detections.last24Hours,
              `/detections?firstSeenFrom=${yesterday()}`,
            )}
          </Stack>
          <Box flex={1} miw={0}>
            <TrendChart trend={overview.trend} />
          </Box>
        </Group>
      </Panel>
    </SimpleGrid>
  )
}

function yesterday(): string {
  return new Date(Date.now() - 86_400_000).toISOString()
}
