/**
 * The query cache and its rules: what is retried, and what a lost session does. The one place that hears of every
 * failed call.
 */
import { endpoints } from '@coreward/contracts'
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiError } from './api-error.ts'
import { queryOf } from './query.ts'

/** The query that says who is signed in. */
export const sessionQuery = queryOf(endpoints.readSession, {})

/** Calls that failed for these reasons are worth asking again; others get the same answer. */
function mayPass(error: unknown): boolean {
  return error instanceof ApiError && (error.code === 'connection.failed' || error.code === 'server.failed')
}

/** Makes the cache. A call refused for want of a credential ends the session here, and the shell shows the sign-in. */
export function makeQueryClient(): QueryClient {
  const onError = (error: unknown) => {
    if (error instanceof ApiError && error.code === 'credential.missing')
      void client.resetQueries({ queryKey: sessionQuery.queryKey, exact: true })
  }
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (query.queryKey[0] !== sessionQuery.queryKey[0]) onError(error)
      },
    }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        retry: (failures, error) => failures < 2 && mayPass(error),
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false },
    },
  })
  return client
}
