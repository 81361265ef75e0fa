/** One detection: what happened, why, what to do, the file, and the story so far. */
import { type Detection, endpoints } from '@coreward/contracts'
import { Anchor, Group, SimpleGrid } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { queryOf } from '../api/query.ts'
import { formatMode } from '../format/number.ts'
import { useFormat } from '../format/use-format.ts'
import { Absent } from '../ui/absent.tsx'
import { AnswerOf } from '../ui/answer.tsx'
import { Copyable } from '../ui/copyable.tsx'
import { Explanation } from '../ui/explanation.tsx'
import { Facts } from '../ui/facts.tsx'
import { FilePath } from '../ui/file-path.tsx'
import { HostLink } from '../ui/host-link.tsx'
import type { Tone } from '../ui/mark.tsx'
import { Moment } from '../ui/moment.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { DetectionActions } from './detection-actions.tsx'
import { SeverityMark, StateMark } from './detection-mark.tsx'
import { DetectionStory } from './detection-story.tsx'

export function DetectionPage() {
  const { t } = useTranslation()
  const { detectionId = '' } = useParams()
  const query = useQuery(queryOf(endpoints.readDetection, { params: { detectionId } }))
  const detection = query.data
  return (
    <Page
      title={detection?.signature ?? t('detections.one')}
      above={[{ title: t('shell.page.detections'), to: '/detections' }]}
      beside={
        detection && (
          <Group gap="md" fz={13} role="status">
            <SeverityMark severity={detection.severity} />
            <StateMark detection={detection} />
          </Group>
        )
      }
      actions={detection && <DetectionActions detection={detection} />}
    >
      <AnswerOf query={query}>
        {(found) => (
          <>
            <WhatHappened detection={found} />
            <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
              <File detection={found} />
              <DetectionStory detection={found} />
            </SimpleGrid>
            <Signature detection={found} />
          </>
        )}
      </AnswerOf>
    </Page>
  )
}

const tones: Record<Detection['state'], Tone> = {
  active: 'critical',
  quarantined: 'healthy',
  restored: 'warning',
  deleted: 'healthy',
}

function WhatHappened({ detection }: { detection: Detection }) {
  const { t, i18n } = useTranslation()
  const { hostname, path, signature, description, category } = detection
  const known = i18n.exists(`detections.category.${category}`)
  return (
    <Explanation
      order={2}
      tone={tones[detection.state]}
      title={t(`detections.what.${detection.state}`, { hostname, path })}
      why={
        <>
          {t('detections.why', { signature })}
          {known && ` ${t(`detections.category.${category}` as 'detections.category.test-file')}`}
          {description !== null && i18n.language === 'en' && !known && ` ${description}`}
        </>
      }
      remedy={t(`detections.remedy.${detection.state}`)}
    />
  )
}

function File({ detection }: { detection: Detection }) {
  const { t } = useTranslation()
  const format = useFormat()
  return (
    <Panel title={t('detections.file.title')}>
      <Facts
        rows={[
          [
            t('detections.file.host'),
            <HostLink key="host" agentId={detection.agentId} hostname={detection.hostname} />,
          ],
          [
            t('detections.file.path'),
            <Copyable key="path" text={detection.path} label={t('detections.file.path')} />,
          ],
          [
            t('detections.file.inner'),
            detection.innerPath === null ? undefined : <FilePath key="inner" path={detection.innerPath} />,
          ],
          [t('detections.file.size'), format.bytes(detection.size)],
          [t('detections.file.owner'), detection.owner],
          [
            t('detections.file.mode'),
            `${formatMode(detection.mode)} (${detection.mode.toString(8).padStart(4, '0')})`,
          ],
          [t('detections.file.modified'), <Moment key="modified" at={detection.modifiedAt} exact />],
          [
            t('detections.file.sha256'),
            <Copyable key="sha256" text={detection.sha256} label={t('detections.file.sha256')} />,
          ],
        ]}
      />
    </Panel>
  )
}

function Signature({ detection }: { detection: Detection }) {
  const { t } = useTranslation()
  return (
    <Panel title={t('detections.signature.title')}>
      <Facts
        rows={[
          [t('detections.signature.name'), detection.signature],
          [
            t('detections.signature.description'),
            detection.description === null ? (
              <Absent key="description" />
            ) : (
              <span key="description" lang="en">
                {detection.description}
              </span>
            ),
          ],
          [t('detections.signature.category'), detection.category],
          [t('detections.signature.definitions'), detection.definitionsVersion],
          [t('detections.signature.firstSeen'), <Moment key="first" at={detection.firstSeenAt} exact />],
          [t('detections.signature.lastSeen'), <Moment key="last" at={detection.lastSeenAt} exact />],
          [
            t('detections.signature.scan'),
            detection.scanId === null ? undefined : (
              <Anchor key="scan" component={Link} to={`/scans/${detection.scanId}`} fz="inherit">
                {t('detections.signature.scanLink')}
              </Anchor>
            ),
          ],
        ]}
      />
    </Panel>
  )
}
