/** What a scan is called: its kind, and for a custom scan the first path. */
import type { Scan } from '@coreward/contracts'
import { useTranslation } from 'react-i18next'

export function useScanName() {
  const { t } = useTranslation()
  return ({ kind, paths }: Pick<Scan, 'kind' | 'paths'>) => {
    const [first, ...rest] = paths
    if (kind !== 'custom' || first === undefined) return t(`scans.kind.${kind}`)
    return rest.length === 0
      ? t('scans.ofPath', { path: first })
      : t('scans.ofPaths', { path: first, count: rest.length })
  }
}
