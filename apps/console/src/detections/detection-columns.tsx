/** The columns of the list of detections. */
import { type Detection, Severity } from '@coreward/contracts'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Column } from '../ui/column.ts'
import { FilePath } from '../ui/file-path.tsx'
import { HostLink } from '../ui/host-link.tsx'
import { Moment } from '../ui/moment.tsx'
import { SeverityMark, StateMark } from './detection-mark.tsx'

/** `withHost` is false where all are of one host. */
export function useDetectionColumns(withHost = true): readonly Column<Detection>[] {
  const { t } = useTranslation()
  return useMemo(() => {
    const columns: Column<Detection>[] = [
      {
        id: 'signature',
        title: t('detections.column.signature'),
        cell: (detection) => detection.signature,
        text: (detection) => detection.signature,
        order: (detection) => detection.signature,
      },
      {
        id: 'severity',
        title: t('detections.column.severity'),
        width: '112px',
        cell: (detection) => <SeverityMark severity={detection.severity} />,
        text: (detection) => t(`detections.severity.${detection.severity}`),
        order: (detection) => -Severity.options.indexOf(detection.severity),
      },
      {
        id: 'state',
        title: t('detections.column.state'),
        width: '144px',
        cell: (detection) => <StateMark detection={detection} />,
        text: (detection) => t(`detections.state.${detection.state}`),
        order: (detection) => detection.state,
      },
      {
        id: 'host',
        title: t('detections.column.host'),
        cell: (detection) => <HostLink agentId={detection.agentId} hostname={detection.hostname} />,
        text: (detection) => detection.hostname,
        order: (detection) => detection.hostname,
      },
      {
        id: 'path',
        title: t('detections.column.path'),
        rest: 'cut',
        cell: (detection) => <FilePath path={detection.path} inner={detection.innerPath} short />,
        text: (detection) =>
          detection.innerPath ? `${detection.path} › ${detection.innerPath}` : detection.path,
        order: (detection) => detection.path,
      },
      {
        id: 'seen',
        title: t('detections.column.lastSeen'),
        width: '136px',
        cell: (detection) => <Moment at={detection.lastSeenAt} />,
        text: (detection) => detection.lastSeenAt,
        order: (detection) => detection.lastSeenAt,
      },
    ]
    return withHost ? columns : columns.filter(({ id }) => id !== 'host')
  }, [t, withHost])
}
