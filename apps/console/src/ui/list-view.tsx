/**
 * A list page's body: toolbar, table, and the states between — loading, failed, nothing at all, nothing that matches,
 * more to come. Search, filters and sorting live in the address; the rows come from a list endpoint.
 */
import { Box, Button, Group, Skeleton, Stack, Text, VisuallyHidden } from '@mantine/core'
import { IconFilterOff } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type ListEndpoint, mostRows, readAll, useList } from '../api/query.ts'
import { formatCsv, saveCsv } from '../format/csv.ts'
import { useFormat } from '../format/use-format.ts'
import type { Column } from './column.ts'
import { DataTable } from './data-table.tsx'
import { Failure } from './failure.tsx'
import { useListAddress } from './list-address.ts'
import { type Filter, ListToolbar, type Restriction } from './list-toolbar.tsx'
import { Nothing } from './nothing.tsx'
import classes from './panel.module.css'

/** Rows drawn at first and added by each "more". */
const step = 200

interface ListViewProps<Item> {
  /** The list's plural noun, which names the table and the exported file. */
  label: string
  fileName: string
  searchLabel: string
  endpoint: ListEndpoint<Item>
  columns: readonly Column<Item>[]
  keyOf: (item: Item) => string
  linkTo?: (item: Item) => string
  filters: readonly Filter[]
  restrictions?: readonly Restriction[]
  /** Shown when there is nothing and nothing was asked for. */
  empty: ReactNode
}

export function ListView<Item extends object>(props: ListViewProps<Item>) {
  const { t } = useTranslation()
  const format = useFormat()
  const restrictions = props.restrictions ?? []
  const address = useListAddress([...props.filters, ...restrictions].map(({ name }) => name))
  const list = useList(props.endpoint, address.query, address.sorting !== undefined)
  const [most, setMost] = useState(step)
  const download = useMutation({
    mutationFn: () => readAll(props.endpoint, address.query),
    onSuccess: (items) => {
      const rows = items.map((item) => props.columns.map((column) => column.text(item)))
      saveCsv(`${props.fileName}.csv`, formatCsv([props.columns.map(({ title }) => title), ...rows]))
    },
  })
  const { items, total } = list
  const more = () => {
    setMost(most + step)
    if (most + step > items.length && list.hasNextPage) void list.fetchNextPage()
  }
  const filtered = Object.keys(address.query).length > 0
  return (
    <Box className={classes.panel}>
      <ListToolbar
        searchLabel={props.searchLabel}
        query={address.query}
        set={address.set}
        filters={props.filters}
        restrictions={restrictions}
        count={total === undefined ? '' : t('ui.count', { count: total, shown: format.count(total) })}
        exporting={download.isPending}
        onExport={() => download.mutate()}
      />
      {download.isError && (
        <Box px="md" pb="md">
          <Failure error={download.error} />
        </Box>
      )}
      {list.isError && (
        <Box px="md" pb="md">
          <Failure error={list.error} retry={() => void list.refetch()} />
        </Box>
      )}
      {total === undefined && !list.isError && <Loading />}
      {total === 0 && (filtered ? <NoMatch onClear={address.clear} /> : props.empty)}
      {items.length > 0 && (
        <Box className={classes.body} data-flush>
          <DataTable
            label={props.label}
            items={items}
            columns={props.columns}
            keyOf={props.keyOf}
            {...(props.linkTo ? { linkTo: props.linkTo } : {})}
            sorting={address.sorting}
            onSort={address.sortBy}
            most={most}
          />
        </Box>
      )}
      {(items.length > most || list.hasNextPage) && (
        <Group justify="center" p="sm">
          <Text size="sm" c="dimmed">
            {t('ui.shown', {
              shown: format.count(Math.min(most, items.length)),
              total: format.count(total ?? 0),
            })}
          </Text>
          {items.length < mostRows || items.length > most ? (
            <Button variant="default" loading={list.isFetchingNextPage} onClick={more}>
              {t('ui.more')}
            </Button>
          ) : (
            <Text size="sm">{t('ui.tooMany')}</Text>
          )}
        </Group>
      )}
    </Box>
  )
}

function Loading() {
  const { t } = useTranslation()
  return (
    <Stack gap={12} p="md" aria-busy>
      <VisuallyHidden role="status">{t('ui.loading')}</VisuallyHidden>
      {[70, 90, 80, 85, 60].map((width) => (
        <Skeleton key={width} h={20} w={`${width}%`} />
      ))}
    </Stack>
  )
}

function NoMatch({ onClear }: { onClear: () => void }) {
  const { t } = useTranslation()
  return (
    <Nothing icon={<IconFilterOff aria-hidden />} title={t('ui.noMatch')} text={t('ui.noMatchHint')}>
      <Button variant="default" onClick={onClear}>
        {t('ui.clearAll')}
      </Button>
    </Nothing>
  )
}
