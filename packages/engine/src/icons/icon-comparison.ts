/**
 * How much a program's icon is like one that a set knows, in percent, and whether that is enough: the sums that make up the confidence that clamscan 1.4.6
 * prints, whole numbers at each step. Icons of another size are not alike.
 */
import type { AreaKind, IconArea, IconDescription } from '@coreward/definitions'

/** Means of bytes, and of colours up to 4,072, are the same within a fifth. */
const [BYTE_NEAR, COLOUR_NEAR] = [51, 814]
/** By side: the most pixels between two places that are the same, which costs 60 percent; and from which confidence on an icon with colours is found. */
const rules: Readonly<Record<number, { readonly reach: number; readonly found: number }>> = {
  16: { reach: 3, found: 72 },
  24: { reach: 4, found: 68 },
  32: { reach: 6, found: 64 },
}
const COST_OF_REACH = 60
/** Where neither has colours. */
const GREY_FOUND = 70
/** Eighteenths of the whole: what is for the kinds of areas, and three for the shares of colours. */
const weights: Readonly<Record<AreaKind, number>> = {
  colour: 3,
  grey: 2,
  bright: 2,
  dark: 3,
  edge: 3,
  plain: 2,
}
const SHARES_WEIGHT = 3

/** Whether the icon counts as found. */
export function isAlike(known: IconDescription, icon: IconDescription): boolean {
  const found = hasNoColours(known) && hasNoColours(icon) ? GREY_FOUND : rules[icon.side]?.found
  return found !== undefined && confidenceOf(known, icon) >= found
}

/** 0 to 100. Of two icons without colours 83 at most. */
export function confidenceOf(known: IconDescription, icon: IconDescription): number {
  const reach = rules[icon.side]?.reach
  if (reach === undefined || known.side !== icon.side) return 0
  if (hasNoColours(known) && hasNoColours(icon)) return greyConfidence(known, icon, reach)
  const hasColours = !hasNoColours(known) && !hasNoColours(icon)
  const likeness = (kind: AreaKind) =>
    weights[kind] *
    meanLikeness(
      known[kind],
      icon[kind],
      kind === 'colour' || kind === 'grey' ? COLOUR_NEAR : BYTE_NEAR,
      reach,
    )
  // Where only one has colours, the others' areas of them are of something else.
  const ofColours = hasColours ? likeness('colour') + likeness('grey') : 0
  const ofAreas = likeness('bright') + likeness('dark') + likeness('edge') + likeness('plain')
  return Math.floor((ofColours + ofAreas + SHARES_WEIGHT * sharesLikeness(known, icon)) / 18)
}

/** Edges and plain areas are six each, and may be in any order. */
function greyConfidence(known: IconDescription, icon: IconDescription, reach: number): number {
  const likeness = (one: AreaKind, other?: AreaKind) => {
    const areas = (of: IconDescription) => (other === undefined ? of[one] : [...of[one], ...of[other]])
    return meanLikeness(areas(known), areas(icon), BYTE_NEAR, reach)
  }
  const sum =
    2 * likeness('edge', 'colour') + likeness('plain', 'grey') + likeness('bright') + likeness('dark')
  return Math.floor(sum / 6)
}

function hasNoColours({ coloured }: IconDescription): boolean {
  return coloured === 0
}

/** Of each of the icon's areas the known one that is most like it, in the mean. */
function meanLikeness(
  known: readonly IconArea[],
  areas: readonly IconArea[],
  near: number,
  reach: number,
): number {
  let sum = 0
  for (const area of areas) {
    let best = 0
    for (const other of known) {
      if (Math.abs(other.value - area.value) > near) continue
      const away = Math.floor(Math.hypot(other.x - area.x, other.y - area.y))
      if (away <= reach) best = Math.max(best, 100 - Math.floor((COST_OF_REACH * away) / reach))
    }
    sum += best
  }
  return Math.floor(sum / areas.length)
}

/** Each percent between two shares costs ten. */
function sharesLikeness(known: IconDescription, icon: IconDescription): number {
  const likeness = (one: number, other: number) => Math.max(0, 100 - 10 * Math.abs(one - other))
  const ofShares = known.shares.reduce(
    (sum, share, index) => sum + likeness(share, icon.shares[index] ?? 0),
    0,
  )
  return Math.floor((ofShares + likeness(known.coloured, icon.coloured)) / 4)
}
