/** The list of hosts. */
import { endpoints, HealthState } from '@coreward/contracts'
import { Button } from '@mantine/core'
import { IconPlus, IconServerOff } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { ListView } from '../ui/list-view.tsx'
import { Nothing } from '../ui/nothing.tsx'
import { Page } from '../ui/page.tsx'
import { useHostColumns } from './host-columns.tsx'

export function HostsPage() {
  const { t } = useTranslation()
  const columns = useHostColumns()
  const filters = useMemo(
    () => [
      {
        name: 'health',
        label: t('agents.filter.health'),
        options: HealthState.options.map((value) => ({ value, label: t(`agents.health.${value}`) })),
      },
      {
        name: 'detections',
        label: t('agents.filter.detections'),
        options: [{ value: 'active', label: t('agents.filter.withDetections') }],
      },
      {
        name: 'outdated',
        label: t('agents.filter.outdated'),
        options: (['definitions', 'policy'] as const).map((value) => ({
          value,
          label: t(`agents.filter.outdatedOf.${value}`),
        })),
      },
    ],
    [t],
  )
  const enroll = (
    <Button component={Link} to="/enrollment?token=new" leftSection={<IconPlus size={14} aria-hidden />}>
      {t('agents.enroll')}
    </Button>
  )
  return (
    <Page title={t('shell.page.hosts')} actions={enroll}>
      <ListView
        label={t('shell.page.hosts')}
        fileName="hosts"
        searchLabel={t('agents.search')}
        endpoint={endpoints.listAgents}
        columns={columns}
        keyOf={({ id }) => id}
        linkTo={({ id }) => `/hosts/${id}`}
        filters={filters}
        empty={
          <Nothing
            icon={<IconServerOff aria-hidden />}
            title={t('agents.none.title')}
            text={t('agents.none.text')}
          >
            {enroll}
          </Nothing>
        }
      />
    </Page>
  )
}
