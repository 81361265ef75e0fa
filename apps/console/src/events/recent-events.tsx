/** The latest events of one host, with the way to all of them. */
import { endpoints } from '@coreward/contracts'
import { Anchor, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { queryOf } from '../api/query.ts'
import { useFormat } from '../format/use-format.ts'
import { AnswerOf } from '../ui/answer.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Panel } from '../ui/panel.tsx'
import { useEventColumns } from './event-columns.tsx'

/** Rows shown. */
const most = 10

export function RecentEvents({ agentId }: { agentId: string }) {
  const { t } = useTranslation()
  const format = useFormat()
  const columns = useEventColumns(false)
  const query = useQuery(queryOf(endpoints.listEvents, { query: { agentId, limit: most } }))
  const total = query.data?.total ?? 0
  return (
    <Panel
      title={t('events.ofHost')}
      flush
      beside={
        total > 0 && (
          <Anchor component={Link} to={`/events?agentId=${agentId}`} size="sm">
            {t('ui.all', { count: total, shown: format.count(total) })}
          </Anchor>
        )
      }
    >
      <AnswerOf query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed" px="md" pb="md">
              {t('events.none.title')}
            </Text>
          ) : (
            <DataTable label={t('events.ofHost')} items={items} columns={columns} keyOf={({ id }) => id} />
          )
        }
      </AnswerOf>
    </Panel>
  )
}
