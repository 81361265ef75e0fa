/** The list of events. */
import { EventContent, endpoints } from '@coreward/contracts'
import { IconActivity } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useRestrictions } from '../agents/restrictions.tsx'
import { ListView } from '../ui/list-view.tsx'
import { Nothing } from '../ui/nothing.tsx'
import { Page } from '../ui/page.tsx'
import { useEventColumns } from './event-columns.tsx'

export function EventsPage() {
  const { t } = useTranslation()
  const columns = useEventColumns()
  const restrictions = useRestrictions()
  const filters = useMemo(
    () => [
      {
        name: 'type',
        label: t('events.filter.type'),
        options: EventContent.options.map(({ shape }) => ({
          value: shape.type.value,
          label: t(`events.type.${shape.type.value}`),
        })),
      },
    ],
    [t],
  )
  return (
    <Page title={t('shell.page.events')}>
      <ListView
        label={t('shell.page.events')}
        fileName="events"
        searchLabel={t('events.search')}
        endpoint={endpoints.listEvents}
        columns={columns}
        keyOf={({ id }) => id}
        filters={filters}
        restrictions={restrictions.filter(({ name }) => name === 'agentId' || name === 'scanId')}
        empty={
          <Nothing
            icon={<IconActivity aria-hidden />}
            title={t('events.none.title')}
            text={t('events.none.text')}
          />
        }
      />
    </Page>
  )
}
