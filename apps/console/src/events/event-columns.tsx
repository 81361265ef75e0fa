/** The columns of the list of events: number and type as administrators filter for them, and the sentence. */
import type { RecordedEvent } from '@coreward/contracts'
import { Anchor } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { Column } from '../ui/column.ts'
import { HostLink } from '../ui/host-link.tsx'
import { Mark } from '../ui/mark.tsx'
import { Moment } from '../ui/moment.tsx'
import { toneOf } from './event-tone.ts'
import { useEventText } from './use-event-text.ts'

/** Where an event's subject has a page of its own. */
function subjectOf({ content }: RecordedEvent): string | undefined {
  if (content.type === 'threat.detected' || content.type === 'threat.action')
    return `/detections/${content.data.detectionId}`
  if (content.type === 'scan.started' || content.type === 'scan.finished')
    return `/scans/${content.data.scanId}`
  return undefined
}

/** `withHost` is false where all are of one host. */
export function useEventColumns(withHost = true): readonly Column<RecordedEvent>[] {
  const { t } = useTranslation()
  const textOf = useEventText()
  // biome-ignore lint/correctness/useExhaustiveDependencies: textOf changes exactly when t does
  return useMemo(() => {
    const columns: Column<RecordedEvent>[] = [
      {
        id: 'time',
        title: t('events.column.time'),
        width: '136px',
        cell: (event) => <Moment at={event.occurredAt} />,
        text: (event) => event.occurredAt,
        order: (event) => event.occurredAt,
      },
      {
        id: 'number',
        title: t('events.column.number'),
        width: '64px',
        numeric: true,
        cell: (event) => event.number,
        text: (event) => String(event.number),
        order: (event) => event.number,
      },
      {
        id: 'type',
        title: t('events.column.type'),
        cell: (event) => <Mark tone={toneOf(event.content)}>{t(`events.type.${event.content.type}`)}</Mark>,
        text: (event) => event.content.type,
        order: (event) => event.content.type,
      },
      {
        id: 'host',
        title: t('events.column.host'),
        cell: (event) => <HostLink agentId={event.agentId} hostname={event.hostname} />,
        text: (event) => event.hostname,
        order: (event) => event.hostname,
      },
      {
        id: 'text',
        title: t('events.column.text'),
        rest: 'wrap',
        cell: (event) => {
          const to = subjectOf(event)
          const text = textOf(event.content)
          return to === undefined ? (
            text
          ) : (
            <Anchor component={Link} to={to} fz="inherit">
              {text}
            </Anchor>
          )
        },
        text: (event) => textOf(event.content),
      },
    ]
    return withHost ? columns : columns.filter(({ id }) => id !== 'host')
  }, [t, withHost])
}
