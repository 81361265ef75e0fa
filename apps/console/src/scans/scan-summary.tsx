/** What came of a scan: coverage first, then the numbers, then what was left unscanned and why. Nothing unread counts as clean. */
import type { ScanSummary, UnscannedReason } from '@coreward/contracts'
import { Group, Stack, Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/use-format.ts'
import { Figure } from '../ui/figure.tsx'
import { unscannedIn } from './scan-state-mark.tsx'

export function ScanSummaryView({ summary, scanId }: { summary: ScanSummary; scanId: string }) {
  const { t } = useTranslation()
  const format = useFormat()
  const seconds = (Date.parse(summary.finishedAt) - Date.parse(summary.startedAt)) / 1000
  const unscanned = unscannedIn(summary)
  return (
    <Stack gap="md">
      <Group gap="xl" align="flex-start">
        <Figure
          name={t('scans.summary.coverage')}
          value={summary.coverage === null ? undefined : format.share(summary.coverage)}
        />
        <Figure name={t('scans.summary.files')} value={format.count(summary.filesScanned)} />
        {summary.filesUnchanged > 0 && (
          <Figure name={t('scans.summary.unchanged')} value={format.count(summary.filesUnchanged)} />
        )}
        {summary.filesAnswered > 0 && (
          <Figure name={t('scans.summary.answered')} value={format.count(summary.filesAnswered)} />
        )}
        {summary.filesAgainstAdditions > 0 && (
          <Figure
            name={t('scans.summary.againstAdditions')}
            value={format.count(summary.filesAgainstAdditions)}
          />
        )}
        <Figure name={t('scans.summary.bytes')} value={format.bytes(summary.bytesScanned)} />
        <Figure
          name={t('scans.summary.infected')}
          value={format.count(summary.filesInfected)}
          to={`/detections?scanId=${scanId}`}
          tone={summary.filesInfected > 0 ? 'critical' : undefined}
        />
        <Figure
          name={t('scans.summary.unscanned')}
          value={format.count(unscanned)}
          to={`/events?scanId=${scanId}&type=file.unscanned`}
          tone={unscanned > 0 ? 'warning' : undefined}
        />
        <Figure name={t('scans.summary.excluded')} value={format.count(summary.filesExcluded)} />
        <Figure name={t('scans.summary.duration')} value={format.duration(seconds)} />
        <Figure name={t('scans.summary.definitions')} value={summary.definitionsVersion ?? undefined} />
      </Group>
      {summary.foldersUnreadable > 0 && (
        <Text size="sm">{t('scans.summary.folders', { count: summary.foldersUnreadable })}</Text>
      )}
      {unscanned > 0 && <Unscanned summary={summary} />}
    </Stack>
  )
}

function Unscanned({ summary }: { summary: ScanSummary }) {
  const { t } = useTranslation()
  const format = useFormat()
  const rows = (Object.entries(summary.unscanned) as [UnscannedReason, number][]).sort(
    ([, a], [, b]) => b - a,
  )
  return (
    <Table aria-label={t('scans.unscanned.label')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={220}>{t('scans.unscanned.reason')}</Table.Th>
          <Table.Th w={72} ta="end">
            {t('scans.unscanned.files')}
          </Table.Th>
          <Table.Th>{t('scans.unscanned.remedy')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(([reason, count]) => (
          <Table.Tr key={reason}>
            <Table.Td>{t(`scans.unscanned.of.${reason}.what`)}</Table.Td>
            <Table.Td ta="end">{format.count(count)}</Table.Td>
            <Table.Td c="dimmed">{t(`scans.unscanned.of.${reason}.remedy`)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
