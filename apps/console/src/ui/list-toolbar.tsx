/** What stands above a list: search, filters, how many there are, and the export. It holds no state but the words being typed. */
import { Button, CloseButton, Group, Pill, Select, Text, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconDownload, IconSearch } from '@tabler/icons-react'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ListQuery } from '../api/query.ts'

/** A filter: a choice among values, each with its word. */
export interface Filter {
  readonly name: string
  readonly label: string
  readonly options: readonly { value: string; label: string }[]
}

/** A filter that came with the address and can only be taken off, such as one host. */
export interface Restriction {
  readonly name: string
  readonly label: ReactNode
}

interface ListToolbarProps {
  searchLabel: string
  query: ListQuery
  set: (name: string, value: string | undefined, replace?: boolean) => void
  filters: readonly Filter[]
  restrictions: readonly Restriction[]
  count: string
  exporting: boolean
  onExport: () => void
}

export function ListToolbar(props: ListToolbarProps) {
  const { t } = useTranslation()
  return (
    <Group gap="sm" role="search" px="md" py="sm">
      <SearchField label={props.searchLabel} value={props.query.search ?? ''} set={props.set} />
      {props.filters.map((filter) => (
        <Select
          key={filter.name}
          w={160}
          aria-label={filter.label}
          placeholder={filter.label}
          data={[...filter.options]}
          value={props.query[filter.name] ?? null}
          onChange={(value) => props.set(filter.name, value ?? undefined)}
          clearable
          clearButtonProps={{ 'aria-label': t('ui.clearFilter', { name: filter.label }) }}
        />
      ))}
      {props.restrictions
        .filter(({ name }) => props.query[name] !== undefined)
        .map(({ name, label }) => (
          <Pill
            key={name}
            withRemoveButton
            onRemove={() => props.set(name, undefined)}
            removeButtonProps={{ 'aria-label': t('ui.removeRestriction'), tabIndex: 0, 'aria-hidden': false }}
          >
            {label}
          </Pill>
        ))}
      <Text size="sm" c="dimmed" ml="auto" role="status">
        {props.count}
      </Text>
      <Button
        variant="default"
        leftSection={<IconDownload size={14} aria-hidden />}
        loading={props.exporting}
        onClick={props.onExport}
      >
        {t('ui.exportCsv')}
      </Button>
    </Group>
  )
}

function SearchField({ label, value, set }: { label: string; value: string; set: ListToolbarProps['set'] }) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState(value)
  const commit = useDebouncedCallback((words: string) => set('search', words.trim(), true), 250)
  useEffect(() => setTyped((before) => (before.trim() === value ? before : value)), [value])
  const change = (words: string) => {
    setTyped(words)
    commit(words)
  }
  return (
    <TextInput
      w={256}
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={14} aria-hidden />}
      value={typed}
      onChange={(event) => change(event.currentTarget.value)}
      rightSection={
        typed !== '' && <CloseButton size="xs" aria-label={t('ui.clearSearch')} onClick={() => change('')} />
      }
    />
  )
}
