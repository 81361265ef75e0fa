/** What will change, old beside new: read before a policy is deployed. */
import type { Exclusion } from '@coreward/contracts'
import { Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Absent } from '../ui/absent.tsx'
import { type Difference, exclusionChanges } from './policy-difference.ts'
import { useValueText } from './use-value-text.ts'

export function DifferenceTable({ differences }: { differences: readonly Difference[] }) {
  const { t } = useTranslation()
  const text = useValueText()
  return (
    <Table aria-label={t('policies.review.changes')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('policies.review.setting')}</Table.Th>
          <Table.Th>{t('policies.review.before')}</Table.Th>
          <Table.Th>{t('policies.review.after')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {differences.map(({ setting, before, after }) => {
          if (setting.kind !== 'exclusions')
            return (
              <Table.Tr key={setting.path}>
                <Table.Td>{text.fullTitle(setting)}</Table.Td>
                <Table.Td c="dimmed">{text.value(setting, before)}</Table.Td>
                <Table.Td fw={600}>{text.value(setting, after)}</Table.Td>
              </Table.Tr>
            )
          const { added, removed } = exclusionChanges(before as Exclusion[], after as Exclusion[])
          return [
            ...removed.map((entry) => <ExclusionRow key={`-${JSON.stringify(entry)}`} before={entry} />),
            ...added.map((entry) => <ExclusionRow key={`+${JSON.stringify(entry)}`} after={entry} />),
          ]
        })}
      </Table.Tbody>
    </Table>
  )
}

function ExclusionRow({ before, after }: { before?: Exclusion; after?: Exclusion }) {
  const { t } = useTranslation()
  return (
    <Table.Tr>
      <Table.Td>{after ? t('policies.exclusion.added') : t('policies.exclusion.removed')}</Table.Td>
      <Table.Td c="dimmed">{before ? <Entry entry={before} /> : <Absent />}</Table.Td>
      <Table.Td fw={600}>{after ? <Entry entry={after} /> : <Absent />}</Table.Td>
    </Table.Tr>
  )
}

function Entry({ entry }: { entry: Exclusion }) {
  const { t } = useTranslation()
  return (
    <>
      {t(`policies.exclusion.of.${entry.kind}`)}: {entry.value}
      <Text size="xs" c="dimmed" fw={400}>
        {entry.reason}
      </Text>
    </>
  )
}
