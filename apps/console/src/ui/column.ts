/** A column as a list knows it: how a cell looks, what an export holds, and by what it is sorted. No markup of its own. */
import type { ReactNode } from 'react'

/** One column. `order` is absent where sorting makes no sense; undefined values come last. */
export interface Column<Item> {
  readonly id: string
  readonly title: string
  readonly cell: (item: Item) => ReactNode
  readonly text: (item: Item) => string
  readonly order?: (item: Item) => string | number | undefined
  readonly numeric?: boolean
  /** A CSS width; columns without one are as wide as their content. */
  readonly width?: string
  /** Takes the room the others leave: `cut` on one line, `wrap` on several. One column of a table should. */
  readonly rest?: 'cut' | 'wrap'
  /** Hidden where the screen is narrow. */
  readonly secondary?: boolean
}

/** What a table is sorted by. */
export interface Sorting {
  readonly column: string
  readonly descending: boolean
}

/** Reads a sorting from an address (`name`, `-name`). */
export function parseSorting(text: string | null): Sorting | undefined {
  if (text === null || text === '' || text === '-') return undefined
  return text.startsWith('-')
    ? { column: text.slice(1), descending: true }
    : { column: text, descending: false }
}

/** The next sorting when a column's title is chosen: up, down, the list's own order. */
export function nextSorting(current: Sorting | undefined, column: string): Sorting | undefined {
  if (current?.column !== column) return { column, descending: false }
  return current.descending ? undefined : { column, descending: true }
}

/** Writes a sorting into an address. */
export function formatSorting(sorting: Sorting | undefined): string | undefined {
  return sorting && `${sorting.descending ? '-' : ''}${sorting.column}`
}
