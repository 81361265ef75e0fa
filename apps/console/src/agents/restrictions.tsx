/** The restrictions that a list's address can carry: to one host, to one scan, to a time. Named by what they restrict to. */
import { endpoints } from '@coreward/contracts'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { queryOf } from '../api/query.ts'
import { useFormat } from '../format/use-format.ts'
import type { Restriction } from '../ui/list-toolbar.tsx'

export function useRestrictions(): readonly Restriction[] {
  const { t } = useTranslation()
  const format = useFormat()
  const [parameters] = useSearchParams()
  const agentId = parameters.get('agentId') ?? ''
  const from = parameters.get('firstSeenFrom') ?? ''
  const before = parameters.get('firstSeenBefore') ?? ''
  const { data } = useQuery({
    ...queryOf(endpoints.readAgent, { params: { agentId } }),
    enabled: agentId !== '',
  })
  const hostname = data?.host.hostname ?? '…'
  return useMemo(() => {
    const exactly = (text: string) => (Number.isNaN(Date.parse(text)) ? text : format.exactly(text))
    return [
      { name: 'agentId', label: t('agents.restriction.host', { hostname }) },
      { name: 'scanId', label: t('agents.restriction.scan') },
      { name: 'firstSeenFrom', label: t('agents.restriction.from', { time: exactly(from) }) },
      { name: 'firstSeenBefore', label: t('agents.restriction.before', { time: exactly(before) }) },
    ]
  }, [t, format, hostname, from, before])
}
