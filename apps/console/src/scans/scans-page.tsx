/** The list of scans. */
import { endpoints, ScanKind, ScanState } from '@coreward/contracts'
import { IconListSearch } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useRestrictions } from '../agents/restrictions.tsx'
import { ListView } from '../ui/list-view.tsx'
import { Nothing } from '../ui/nothing.tsx'
import { Page } from '../ui/page.tsx'
import { useScanColumns } from './scan-columns.tsx'

export function ScansPage() {
  const { t } = useTranslation()
  const columns = useScanColumns()
  const restrictions = useRestrictions()
  const filters = useMemo(
    () => [
      {
        name: 'state',
        label: t('scans.filter.state'),
        options: ScanState.options.map((value) => ({ value, label: t(`scans.state.${value}`) })),
      },
      {
        name: 'kind',
        label: t('scans.filter.kind'),
        options: ScanKind.options.map((value) => ({ value, label: t(`scans.kind.${value}`) })),
      },
    ],
    [t],
  )
  return (
    <Page title={t('shell.page.scans')}>
      <ListView
        label={t('shell.page.scans')}
        fileName="scans"
        searchLabel={t('scans.search')}
        endpoint={endpoints.listScans}
        columns={columns}
        keyOf={({ id }) => id}
        linkTo={({ id }) => `/scans/${id}`}
        filters={filters}
        restrictions={restrictions.filter(({ name }) => name === 'agentId')}
        empty={
          <Nothing
            icon={<IconListSearch aria-hidden />}
            title={t('scans.none.title')}
            text={t('scans.none.text')}
          />
        }
      />
    </Page>
  )
}
