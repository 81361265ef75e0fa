/**
 * `.idb`: `Name:Group1:Group2:Hash`, what an icon looks like (ClamAV manual, "Signature formats", icons). The manual does not say what stands in a
 * hash: that was measured, as DESIGN.md of the engine tells ("Icons"). Logical signatures ask for icons by their groups, and nobody is told a name.
 */
import { fieldsOf } from './line.ts'
import { Refusal } from './pattern.ts'

/** A square of an icon: the mean over its pixels, and its upper left corner. */
export interface IconArea {
  readonly value: number
  readonly x: number
  readonly y: number
}

/** The areas that an icon is described by, in the order in which a hash has them. */
export const areaKinds = ['colour', 'grey', 'bright', 'dark', 'edge', 'plain'] as const
export type AreaKind = (typeof areaKinds)[number]

/** What is known of an icon: three areas of each kind, the most outstanding first. */
export interface IconDescription extends Readonly<Record<AreaKind, readonly IconArea[]>> {
  /** Pixels in a row, and rows: 16, 24 or 32. */
  readonly side: number
  /** Shares of red, green and blue among coloured pixels, in percent. */
  readonly shares: readonly number[]
  /** Coloured pixels in percent of all. Zero of an icon without colours, whose coloured and grey areas are edges and plain ones too. */
  readonly coloured: number
}

export interface IconSignature {
  readonly kind: 'icon'
  /** As the section of the set has it: `Group1:Group2:hash`. */
  readonly text: string
}

/** An icon that logical signatures may ask for. */
export interface KnownIcon {
  readonly groups: readonly [string, string]
  readonly description: IconDescription
}

const HASH_DIGITS = 124
const AREAS = 3
const iconSides: readonly number[] = [16, 24, 32]
/** √(255² · 255), the colour of pure red. */
const COLOUR_MAX = 4072
/** Three shares that are each rounded up. */
const SHARES_MAX = 103

/** Reads one line. Throws Refusal. */
export function parseIdb(line: string): IconSignature {
  const [, first, second, hash] = fieldsOf(line, ':', 4, 4)
  const text = `${first}:${second}:${hash?.toLowerCase()}`
  readKnownIcon(text)
  return { kind: 'icon', text }
}

/** Reads what parseIdb made. Throws Refusal. */
export function readKnownIcon(text: string): KnownIcon {
  const [first = '', second = '', hash = ''] = fieldsOf(text, ':', 3, 3)
  return { groups: [groupName(first), groupName(second)], description: readHash(hash) }
}

/** A group's name, which may be empty. Throws Refusal for one that no attribute of a logical signature could say. */
export function groupName(name: string): string {
  if (!/^[ -~]{0,255}$/.test(name) || /[,;:]/.test(name))
    throw new Refusal(`"${name.slice(0, 64)}" is not the name of a group of icons`)
  return name
}

function readHash(hash: string): IconDescription {
  if (hash.length !== HASH_DIGITS)
    throw new Refusal(`an icon's hash has ${HASH_DIGITS} digits, and this one ${hash.length}`)
  if (!/^[0-9a-f]*$/.test(hash)) throw new Refusal("an icon's hash is hexadecimal")
  let at = 0
  const number = (digits: number) => {
    at += digits
    return Number.parseInt(hash.slice(at - digits, at), 16)
  }
  const side = number(2)
  if (!iconSides.includes(side)) throw new Refusal(`an icon is 16, 24 or 32 pixels wide, and not ${side}`)
  const areas = (kind: AreaKind) =>
    Array.from({ length: AREAS }, () => {
      const area = { value: number(hasColours(kind) ? 3 : 2), x: number(2), y: number(2) }
      const last = side - side / 8
      if (area.x > last || area.y > last || (hasColours(kind) && area.value > COLOUR_MAX))
        throw new Refusal(
          `an icon of ${side} pixels has no ${kind} area of ${area.value} at ${area.x},${area.y}`,
        )
      return area
    })
  const [colour, grey, bright, dark, edge, plain] = areaKinds.map(areas) as [
    IconArea[],
    IconArea[],
    IconArea[],
    IconArea[],
    IconArea[],
    IconArea[],
  ]
  const shares = [number(2), number(2), number(2)]
  const coloured = number(2)
  if (coloured > 100 || shares.reduce((sum, share) => sum + share, 0) > SHARES_MAX)
    throw new Refusal(`shares of colours of ${shares.join(', ')} and ${coloured} percent`)
  return { side, colour, grey, bright, dark, edge, plain, shares, coloured }
}

function hasColours(kind: AreaKind): boolean {
  return kind === 'colour' || kind === 'grey'
}
