/**
 * The icons of one content, beside those that a set knows. They are read only when a signature asks for one whose patterns were found, and each is described once.
 */
import type { IconDescription, IconWish, KnownIcon } from '@coreward/definitions'
import type { ByteSource } from '../byte-source.ts'
import type { Executable } from '../structure/executable.ts'
import { isAlike } from './icon-comparison.ts'
import { describeIcon } from './icon-description.ts'
import { readIcon } from './icon-picture.ts'
import { scaleIcon } from './icon-scaling.ts'

export interface ContentIcons {
  /** Whether one of the content's icons is like one that the set knows in these groups. */
  has(wish: IconWish): boolean
}

/** A comparison takes two or three microseconds, and whoever cancels waits for no more than some milliseconds. */
const COMPARISONS_UNCHECKED = 1000

/** Reads nothing yet. What the source and `check` throw passes through `has`; `check` is called for each icon and every few milliseconds. */
export function contentIcons(
  source: ByteSource,
  structure: () => Executable | undefined,
  known: readonly KnownIcon[],
  check: () => void,
): ContentIcons {
  let descriptions: readonly IconDescription[] | undefined
  return {
    has({ groups: [first, second] }) {
      const asked = known.filter(
        ({ groups }) => (first ?? groups[0]) === groups[0] && (second ?? groups[1]) === groups[1],
      )
      if (asked.length === 0) return false
      descriptions ??= [...describedIcons(source, structure(), check)]
      let compared = 0
      return descriptions.some((icon) =>
        asked.some(({ description }) => {
          compared += 1
          if (compared % COMPARISONS_UNCHECKED === 0) check()
          return isAlike(description, icon)
        }),
      )
    },
  }
}

function* describedIcons(
  source: ByteSource,
  executable: Executable | undefined,
  check: () => void,
): Generator<IconDescription> {
  if (executable === undefined || executable.damage !== undefined) return
  for (const place of executable.iconPlaces()) {
    check()
    const picture = readIcon(source, place)
    const scaled = picture && scaleIcon(picture)
    if (scaled !== undefined) yield describeIcon(scaled)
  }
}
