/** The latest detections of a host, a scan or the fleet, with the way to all of them. */
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
import { useDetectionColumns } from './detection-columns.tsx'

interface RecentDetectionsProps {
  title: string
  filter: { agentId?: string; scanId?: string }
  /** What is said when there are none. */
  none: string
}

/** Rows shown. */
const most = 8

export function RecentDetections({ title, filter, none }: RecentDetectionsProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const columns = useDetectionColumns(filter.agentId === undefined && filter.scanId === undefined)
  const query = useQuery(queryOf(endpoints.listDetections, { query: { ...filter, limit: most } }))
  const all = `/detections?${new URLSearchParams(filter)}`
  const total = query.data?.total ?? 0
  return (
    <Panel
      title={title}
      flush
      beside={
        total > 0 && (
          <Anchor component={Link} to={all} size="sm">
            {t('ui.all', { count: total, shown: format.count(total) })}
          </Anchor>
        )
      }
    >
      <AnswerOf query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed" px="md" pb="md">
              {none}
            </Text>
          ) : (
            <DataTable
              label={title}
              items={items}
              columns={columns}
              keyOf={({ id }) => id}
              linkTo={({ id }) => `/detections/${id}`}
            />
          )
        }
      </AnswerOf>
    </Panel>
  )
}
