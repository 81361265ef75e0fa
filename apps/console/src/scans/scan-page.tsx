/** One scan: how far it is, or what came of it, and what it found. */
import { endpoints, type Scan } from '@coreward/contracts'
import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import { queryOf } from '../api/query.ts'
import { RecentDetections } from '../detections/recent-detections.tsx'
import { AnswerOf } from '../ui/answer.tsx'
import { Explanation } from '../ui/explanation.tsx'
import { Facts } from '../ui/facts.tsx'
import { FilePath } from '../ui/file-path.tsx'
import { HostLink } from '../ui/host-link.tsx'
import { Moment } from '../ui/moment.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { ScanProgressBar } from './scan-progress.tsx'
import { ScanStateMark } from './scan-state-mark.tsx'
import { ScanSummaryView } from './scan-summary.tsx'
import { useScanName } from './use-scan-name.ts'

export function ScanPage() {
  const { t } = useTranslation()
  const { scanId = '' } = useParams()
  const nameOf = useScanName()
  const query = useQuery(queryOf(endpoints.readScan, { params: { scanId } }))
  const scan = query.data
  return (
    <Page
      title={scan ? nameOf(scan) : t('scans.one')}
      above={[{ title: t('shell.page.scans'), to: '/scans' }]}
      beside={scan && <ScanStateMark scan={scan} />}
    >
      <AnswerOf query={query}>
        {(found) => (
          <>
            <ScanFailure scan={found} />
            <Outcome scan={found} />
            <RecentDetections
              title={t('scans.detections')}
              filter={{ scanId: found.id }}
              none={isOver(found) ? t('scans.noDetections') : t('scans.noDetectionsYet')}
            />
            <Order scan={found} />
          </>
        )}
      </AnswerOf>
    </Page>
  )
}

function isOver({ state }: Scan): boolean {
  return state !== 'requested' && state !== 'running'
}

function ScanFailure({ scan }: { scan: Scan }) {
  const { t } = useTranslation()
  if (scan.state !== 'failed' && scan.state !== 'interrupted') return null
  return (
    <Explanation
      order={2}
      tone={scan.state === 'failed' ? 'critical' : 'warning'}
      title={t(`scans.failure.${scan.state}.what`, { hostname: scan.hostname })}
      why={
        scan.failure === null ? t(`scans.failure.${scan.state}.why`) : <span lang="en">{scan.failure}</span>
      }
      remedy={t(`scans.failure.${scan.state}.remedy`)}
    />
  )
}

function Outcome({ scan }: { scan: Scan }) {
  const { t } = useTranslation()
  if (!isOver(scan))
    return (
      <Panel title={t('scans.progress.title')}>
        <ScanProgressBar scan={scan} />
      </Panel>
    )
  return (
    <Panel title={t('scans.summary.title')}>
      {scan.summary === null ? (
        <Text size="sm" c="dimmed">
          {t('scans.summary.none')}
        </Text>
      ) : (
        <ScanSummaryView summary={scan.summary} scanId={scan.id} />
      )}
    </Panel>
  )
}

function Order({ scan }: { scan: Scan }) {
  const { t } = useTranslation()
  return (
    <Panel title={t('scans.order.title')}>
      <Facts
        rows={[
          [t('scans.order.host'), <HostLink key="host" agentId={scan.agentId} hostname={scan.hostname} />],
          [t('scans.order.kind'), t(`scans.kind.${scan.kind}`)],
          [
            t('scans.order.paths'),
            scan.paths.length === 0
              ? undefined
              : scan.paths.map((path) => (
                  <div key={path}>
                    <FilePath path={path} />
                  </div>
                )),
          ],
          [t('scans.order.trigger'), t(`scans.trigger.${scan.trigger}`)],
          [t('scans.order.by'), scan.requestedBy ?? undefined],
          [t('scans.order.requested'), <Moment key="requested" at={scan.requestedAt} exact />],
          [t('scans.order.started'), <Moment key="started" at={scan.startedAt} exact />],
          [t('scans.order.finished'), <Moment key="finished" at={scan.finishedAt} exact />],
        ]}
      />
    </Panel>
  )
}
