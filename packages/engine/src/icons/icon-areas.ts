/**
 * The most outstanding areas of an icon: squares of a quarter of its side, by the sum over their pixels, the strongest first and none overlapping another;
 * of equal ones the first by rows. Areas begin up to one row and two columns before the last where there is room, as in clamscan 1.4.6.
 */
import type { IconArea } from '@coreward/definitions'

/** What clamscan has for the least sum where no room is left for an area. */
const NOTHING_LOW = 0xffff

/** The sums over all squares of a picture. */
export interface AreaSums {
  /** Pixels in a row of a square. */
  readonly extent: number
  readonly columns: number
  readonly rows: number
  readonly sums: Int32Array
}

/** Adds up `values`, one for each pixel. */
export function areaSums(values: Int32Array, side: number): AreaSums {
  const extent = side / 4
  const [columns, rows] = [side - extent - 1, side - extent]
  const width = side + 1
  const before = new Int32Array(width * width)
  for (let y = 0; y < side; y += 1) {
    let row = 0
    for (let x = 0; x < side; x += 1) {
      row += values[y * side + x] as number
      before[(y + 1) * width + x + 1] = (before[y * width + x + 1] as number) + row
    }
  }
  const corner = (x: number, y: number) => before[y * width + x] as number
  const sums = new Int32Array(columns * rows)
  for (let y = 0; y < rows; y += 1) {
    for (let x = 0; x < columns; x += 1) {
      sums[y * columns + x] =
        corner(x + extent, y + extent) - corner(x, y + extent) - corner(x + extent, y) + corner(x, y)
    }
  }
  return { extent, columns, rows, sums }
}

/** The `count` areas with the largest sums. Where none is left that has any, one of 0 at 0,0. */
export function strongest(all: AreaSums, count: number): IconArea[] {
  return outstanding(all, count, 0, (sum, best) => sum > best)
}

/** The `count` areas with the smallest sums. */
export function weakest(all: AreaSums, count: number): IconArea[] {
  return outstanding(all, count, undefined, (sum, best) => sum < best)
}

function outstanding(
  { extent, columns, rows, sums }: AreaSums,
  count: number,
  threshold: number | undefined,
  isBetter: (sum: number, best: number) => boolean,
): IconArea[] {
  const found: { readonly x: number; readonly y: number; readonly sum: number }[] = []
  while (found.length < count) {
    let best: (typeof found)[number] | undefined
    for (let y = 0; y < rows; y += 1) {
      for (let x = 0; x < columns; x += 1) {
        const sum = sums[y * columns + x] as number
        const bound = best?.sum ?? threshold
        if (bound !== undefined && !isBetter(sum, bound)) continue
        if (found.some((area) => Math.abs(area.x - x) < extent && Math.abs(area.y - y) < extent)) continue
        best = { x, y, sum }
      }
    }
    found.push(best ?? { x: 0, y: 0, sum: threshold ?? NOTHING_LOW })
  }
  return found.map(({ x, y, sum }) => ({ x, y, value: Math.floor(sum / extent ** 2) }))
}
