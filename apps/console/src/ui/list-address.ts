/**
 * A list's search, filters and sorting as they stand in the page's address, so that every view can be shared and the
 * back button works. It knows parameters, not what they mean.
 */
import { useMemo } from 'react'
import { useSearchParams } from 'react-router'
import type { ListQuery } from '../api/query.ts'
import { formatSorting, nextSorting, parseSorting } from './column.ts'

/** The query for the server (`search` and the named filters), the sorting, and how to change them. */
export function useListAddress(filters: readonly string[]) {
  const [parameters, setParameters] = useSearchParams()
  const text = parameters.toString()
  const names = filters.join(' ')
  const query = useMemo(() => {
    const read = new URLSearchParams(text)
    const given: Record<string, string> = {}
    for (const name of ['search', ...names.split(' ')]) {
      const value = read.get(name)
      if (value !== null && value !== '') given[name] = value
    }
    return given as ListQuery
  }, [text, names])
  const set = (name: string, value: string | undefined, replace = false) =>
    setParameters(
      (before) => {
        const after = new URLSearchParams(before)
        if (value === undefined || value === '') after.delete(name)
        else after.set(name, value)
        return after
      },
      { replace },
    )
  const sorting = parseSorting(parameters.get('sort'))
  return {
    query,
    set,
    clear: () => setParameters({}),
    sorting,
    sortBy: (column: string) => set('sort', formatSorting(nextSorting(sorting, column)), true),
  }
}
