/**
 * The one table of the console: dense rows, titles that sort, and a whole row that leads to its thing through the link in
 * the first cell. It shows the items it is given, in the order that `sorting` says, and fetches nothing.
 */
import { Table, UnstyledButton } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  sortFn_alphanumeric,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { type ReactNode, useMemo } from 'react'
import { Link } from 'react-router'
import type { Column, Sorting } from './column.ts'
import classes from './data-table.module.css'

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric },
})

interface DataTableProps<Item> {
  /** What the table holds, for screen readers. */
  label: string
  items: readonly Item[]
  columns: readonly Column<Item>[]
  keyOf: (item: Item) => string
  /** Where a row leads. */
  linkTo?: (item: Item) => string
  sorting?: Sorting | undefined
  onSort?: (column: string) => void
  /** At most this many rows are drawn. */
  most?: number
}

export function DataTable<Item extends object>(props: DataTableProps<Item>) {
  const { columns, items, keyOf, linkTo, sorting, onSort, most = Number.POSITIVE_INFINITY } = props
  const definitions = useMemo(
    () =>
      columns.map(
        (column): ColumnDef<typeof features, Item> => ({
          id: column.id,
          accessorFn: (item) => column.order?.(item),
          enableSorting: column.order !== undefined,
          sortUndefined: 'last',
        }),
      ),
    [columns],
  )
  const data = useMemo(() => [...items], [items])
  const table = useTable({
    features,
    columns: definitions,
    data,
    getRowId: keyOf,
    state: { sorting: sorting ? [{ id: sorting.column, desc: sorting.descending }] : [] },
  })
  return (
    <Table className={classes.table} aria-label={props.label} stickyHeader>
      <Table.Thead>
        <Table.Tr>
          {columns.map((column) => (
            <Title key={column.id} column={column} sorting={sorting} onSort={onSort} />
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {table
          .getRowModel()
          .rows.slice(0, most)
          .map(({ id, original }) => (
            <Table.Tr key={id} className={linkTo && classes.linked}>
              {columns.map((column, index) => (
                <Table.Td
                  key={column.id}
                  data-numeric={column.numeric || undefined}
                  data-secondary={column.secondary || undefined}
                  data-rest={column.rest}
                >
                  {index === 0 && linkTo ? (
                    <Link to={linkTo(original)} className={classes.link}>
                      {column.cell(original)}
                    </Link>
                  ) : (
                    column.cell(original)
                  )}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  )
}

function Title<Item>({
  column,
  sorting,
  onSort,
}: {
  column: Column<Item>
  sorting: Sorting | undefined
  onSort: ((column: string) => void) | undefined
}) {
  const direction =
    sorting?.column === column.id ? (sorting.descending ? 'descending' : 'ascending') : undefined
  const sorted: ReactNode =
    direction === 'ascending' ? (
      <IconArrowUp size={13} aria-hidden />
    ) : direction === 'descending' ? (
      <IconArrowDown size={13} aria-hidden />
    ) : null
  return (
    <Table.Th
      w={column.width}
      miw={column.width}
      data-numeric={column.numeric || undefined}
      data-secondary={column.secondary || undefined}
      data-rest={column.rest}
      aria-sort={direction}
      scope="col"
    >
      {column.order && onSort ? (
        <UnstyledButton className={classes.sorter} onClick={() => onSort(column.id)}>
          {column.title}
          {sorted}
        </UnstyledButton>
      ) : (
        column.title
      )}
    </Table.Th>
  )
}
