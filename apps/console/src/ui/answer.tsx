/**
 * The states of one answer on screen: a skeleton while it is fetched, the failure when there is none, the content
 * otherwise. Content that could not be refreshed stays, with the failure above it.
 */
import { Skeleton, Stack, VisuallyHidden } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Failure } from './failure.tsx'

/** Renders `children` with the data of `query` once there is some. */
export function AnswerOf<Data>({
  query,
  children,
}: {
  query: UseQueryResult<Data>
  children: (data: Data) => ReactNode
}) {
  const { t } = useTranslation()
  const failure = query.isError && <Failure error={query.error} retry={() => void query.refetch()} />
  if (query.data === undefined) {
    return (
      failure || (
        <Stack gap="sm" aria-busy>
          <VisuallyHidden role="status">{t('ui.loading')}</VisuallyHidden>
          <Skeleton h={24} w="40%" />
          <Skeleton h={96} />
          <Skeleton h={160} />
        </Stack>
      )
    )
  }
  return (
    <>
      {failure}
      {children(query.data)}
    </>
  )
}
