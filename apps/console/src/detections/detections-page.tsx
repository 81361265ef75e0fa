/** The list of detections. */
import { DetectionState, endpoints, Severity } from '@coreward/contracts'
import { IconShieldCheck } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useRestrictions } from '../agents/restrictions.tsx'
import { ListView } from '../ui/list-view.tsx'
import { Nothing } from '../ui/nothing.tsx'
import { Page } from '../ui/page.tsx'
import { useDetectionColumns } from './detection-columns.tsx'

export function DetectionsPage() {
  const { t } = useTranslation()
  const columns = useDetectionColumns()
  const restrictions = useRestrictions()
  const filters = useMemo(
    () => [
      {
        name: 'state',
        label: t('detections.filter.state'),
        options: DetectionState.options.map((value) => ({ value, label: t(`detections.state.${value}`) })),
      },
      {
        name: 'severity',
        label: t('detections.filter.severity'),
        options: [...Severity.options]
          .reverse()
          .map((value) => ({ value, label: t(`detections.severity.${value}`) })),
      },
    ],
    [t],
  )
  return (
    <Page title={t('shell.page.detections')}>
      <ListView
        label={t('shell.page.detections')}
        fileName="detections"
        searchLabel={t('detections.search')}
        endpoint={endpoints.listDetections}
        columns={columns}
        keyOf={({ id }) => id}
        linkTo={({ id }) => `/detections/${id}`}
        filters={filters}
        restrictions={restrictions}
        empty={
          <Nothing
            icon={<IconShieldCheck aria-hidden />}
            title={t('detections.none.title')}
            text={t('detections.none.text')}
          />
        }
      />
    </Page>
  )
}
