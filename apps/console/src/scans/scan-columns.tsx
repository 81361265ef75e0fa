/** The columns of the list of scans. */
import type { Scan } from '@coreward/contracts'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/use-format.ts'
import { Absent } from '../ui/absent.tsx'
import type { Column } from '../ui/column.ts'
import { HostLink } from '../ui/host-link.tsx'
import { Moment } from '../ui/moment.tsx'
import { ScanStateMark, unscannedIn } from './scan-state-mark.tsx'
import { useScanName } from './use-scan-name.ts'

/** `withHost` is false where all are of one host. */
export function useScanColumns(withHost = true): readonly Column<Scan>[] {
  const { t } = useTranslation()
  const format = useFormat()
  const nameOf = useScanName()
  // biome-ignore lint/correctness/useExhaustiveDependencies: nameOf changes exactly when t does
  return useMemo(() => {
    const counted = (
      id: 'files' | 'infected' | 'unscanned',
      of: (scan: Scan) => number | undefined,
    ): Column<Scan> => ({
      id,
      title: t(`scans.column.${id}`),
      width: '72px',
      numeric: true,
      cell: (scan) => {
        const value = of(scan)
        return value === undefined ? <Absent /> : format.count(value)
      },
      text: (scan) => String(of(scan) ?? ''),
      order: of,
    })
    const columns: Column<Scan>[] = [
      {
        id: 'kind',
        title: t('scans.column.kind'),
        rest: 'wrap',
        cell: nameOf,
        text: nameOf,
        order: nameOf,
      },
      {
        id: 'host',
        title: t('scans.column.host'),
        cell: (scan) => <HostLink agentId={scan.agentId} hostname={scan.hostname} />,
        text: (scan) => scan.hostname,
        order: (scan) => scan.hostname,
      },
      {
        id: 'state',
        title: t('scans.column.state'),
        width: '144px',
        cell: (scan) => <ScanStateMark scan={scan} />,
        text: (scan) => t(`scans.state.${scan.state}`),
        order: (scan) => scan.state,
      },
      counted('files', (scan) => scan.summary?.filesScanned ?? scan.progress?.filesDone),
      counted('infected', (scan) => scan.summary?.filesInfected ?? scan.progress?.detections),
      counted('unscanned', (scan) => (scan.summary ? unscannedIn(scan.summary) : scan.progress?.unscanned)),
      {
        id: 'coverage',
        title: t('scans.column.coverage'),
        width: '72px',
        numeric: true,
        cell: ({ summary }) =>
          typeof summary?.coverage === 'number' ? format.share(summary.coverage) : <Absent />,
        text: ({ summary }) => (typeof summary?.coverage === 'number' ? format.share(summary.coverage) : ''),
        order: ({ summary }) => summary?.coverage ?? undefined,
      },
      {
        id: 'trigger',
        title: t('scans.column.trigger'),
        secondary: true,
        cell: (scan) => scan.requestedBy ?? t(`scans.trigger.${scan.trigger}`),
        text: (scan) => scan.requestedBy ?? t(`scans.trigger.${scan.trigger}`),
        order: (scan) => scan.trigger,
      },
      {
        id: 'requested',
        title: t('scans.column.requested'),
        width: '112px',
        cell: (scan) => <Moment at={scan.startedAt ?? scan.requestedAt} />,
        text: (scan) => scan.startedAt ?? scan.requestedAt,
        order: (scan) => scan.startedAt ?? scan.requestedAt,
      },
    ]
    return withHost ? columns : columns.filter(({ id }) => id !== 'host')
  }, [t, format, withHost])
}
