/**
 * Endpoints as TanStack queries: their keys, single answers, and lists that are read page by page. A key starts with the
 * endpoint's path, so a live message can name what it touches. Nothing here renders.
 */
import type { Answer, Call, Endpoint } from '@coreward/contracts'
import { infiniteQueryOptions, queryOptions, useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import type { z } from 'zod'
import { call } from './call.ts'

/** The query that reads one answer. */
export function queryOf<E extends Endpoint>(endpoint: E, given: Call<E>) {
  return queryOptions({
    queryKey: [endpoint.path, given] as const,
    queryFn: ({ signal }) => call(endpoint, given, signal),
  })
}

/** An endpoint that gives pages of `Item`. */
export type ListEndpoint<Item> = Endpoint<
  undefined,
  z.ZodType,
  undefined,
  z.ZodType<{ items: Item[]; total: number; next?: string | undefined }>
>

/** What a list is asked for beside where to go on. */
export type ListQuery = Readonly<Record<string, string | undefined>>

/** Rows asked for at once. */
const pageSize = 200

/** The most rows the console holds of one list; more than that is a job for a narrower filter. */
export const mostRows = 5000

/** The key and the reader of a list's pages. */
function listOf<Item>(endpoint: ListEndpoint<Item>, query: ListQuery) {
  return infiniteQueryOptions({
    queryKey: [endpoint.path, 'list', query] as const,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => readPage(endpoint, query, pageParam, signal),
    getNextPageParam: (last) => last.next,
  })
}

/** Reads every page, up to `mostRows` rows: what an export holds. */
export async function readAll<Item>(endpoint: ListEndpoint<Item>, query: ListQuery): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | undefined
  do {
    const page = await readPage(endpoint, query, cursor, undefined)
    items.push(...page.items)
    cursor = page.next
  } while (cursor !== undefined && items.length < mostRows)
  return items
}

/**
 * A list as it is on screen. With `all`, pages are fetched on until the list is complete or `mostRows` is reached, which
 * sorting by anything but the server's own order needs.
 */
export function useList<Item>(endpoint: ListEndpoint<Item>, query: ListQuery, all: boolean) {
  const list = useInfiniteQuery(listOf(endpoint, query))
  const items = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data])
  const { hasNextPage, isFetching, fetchNextPage } = list
  useEffect(() => {
    if (all && hasNextPage && !isFetching && items.length < mostRows) void fetchNextPage()
  }, [all, hasNextPage, isFetching, fetchNextPage, items.length])
  return { ...list, items, total: list.data?.pages[0]?.total }
}

async function readPage<Item>(
  endpoint: ListEndpoint<Item>,
  query: ListQuery,
  cursor: string | undefined,
  signal: AbortSignal | undefined,
) {
  const page = await call(endpoint, { query: { ...query, cursor, limit: pageSize } }, signal)
  return page as Answer<ListEndpoint<Item>>
}
