/**
 * Patterns of several parts, put together as their parts are found: where each part may have ended, so that the next can
 * say whether it follows at a permitted distance. Parts come in the order of their anchors, which is the order that any
 * sequence of them has, so nothing needs to be read twice, however far apart they are.
 */

/** Ends kept in all for one content: 16 MB. Only exact gaps of many thousand bytes over repetitive content come near. */
const KEPT_MAX = 1_000_000

/** No part begins farther before the place where it was found than this; must not be less than the longest part. */
const LATENESS = 32 * 1024

/** The ends of one part of one pattern, ascending, with where the pattern began. Offsets are in the content. */
interface EndList {
  readonly ends: number[]
  readonly origins: number[]
  head: number
}

/** The gap before the part that asks. */
export interface Gap {
  readonly min: number
  /** Undefined for any. */
  readonly max: number | undefined
}

export class PartSequences {
  readonly #lists = new Map<number, EndList>()
  #kept = 0

  clear(): void {
    this.#lists.clear()
    this.#kept = 0
  }

  /** True once more ends would have to be kept than may be: what follows may be missed. */
  get overflowed(): boolean {
    return this.#kept > KEPT_MAX
  }

  /** Where a pattern began whose part `part` ended so that the next one may begin at `start`; undefined when none did. */
  originBefore(part: number, start: number, gap: Gap): number | undefined {
    const list = this.#lists.get(part)
    if (list === undefined) return undefined
    const index = lastNotAbove(list, start - gap.min)
    const end = list.ends[index]
    if (index < list.head || end === undefined) return undefined
    return gap.max === undefined || end >= start - gap.max ? list.origins[index] : undefined
  }

  /** Notes that part `part` of a pattern begun at `origin` can end at `end`; `gap` is the one that follows it. */
  add(part: number, end: number, origin: number, gap: Gap): void {
    let list = this.#lists.get(part)
    if (list === undefined) {
      list = { ends: [], origins: [], head: 0 }
      this.#lists.set(part, list)
    }
    if (gap.max === undefined) this.#keepEarliest(list, end, origin)
    else this.#insert(list, end, origin, gap.min, gap.max)
  }

  /** With no upper bound the earliest end permits whatever a later one does. */
  #keepEarliest(list: EndList, end: number, origin: number): void {
    const known = list.ends[0]
    if (known !== undefined && known <= end) return
    if (known === undefined) this.#kept += 1
    list.ends[0] = end
    list.origins[0] = origin
  }

  #insert(list: EndList, end: number, origin: number, min: number, max: number): void {
    const { ends, origins } = list
    while (list.head < ends.length && (ends[list.head] as number) + max < end - LATENESS) list.head += 1
    if (list.head > 1024 && list.head * 2 > ends.length) {
      ends.splice(0, list.head)
      origins.splice(0, list.head)
      this.#kept -= list.head
      list.head = 0
    }
    const place = lastNotAbove(list, end)
    if (place >= list.head && ends[place] === end) return
    // Of three ends within the gap's width and one, the middle one permits nothing that its neighbours do not.
    const before = ends[place - 1]
    if (
      place === ends.length - 1 &&
      place > list.head &&
      before !== undefined &&
      end - before <= max - min + 1
    ) {
      ends[place] = end
      origins[place] = origin
      return
    }
    ends.splice(place + 1, 0, end)
    origins.splice(place + 1, 0, origin)
    this.#kept += 1
  }
}

/** The index of the last end that is not above `limit`; head − 1 when all are. */
function lastNotAbove({ ends, head }: EndList, limit: number): number {
  let low = head
  let high = ends.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ends[middle] as number) <= limit) low = middle + 1
    else high = middle
  }
  return low - 1
}
