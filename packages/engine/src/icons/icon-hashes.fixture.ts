/** Descriptions of icons as hashes of .idb lines, and hashes that are near to others, for tests. Never imported by production code. */
import { areaKinds, type IconArea, type IconDescription } from '@coreward/definitions'
import type { Random } from '../match/random-signatures.fixture.ts'

/** The hash that clamscan prints of an icon. */
export function hashOf(icon: IconDescription): string {
  const digits = (value: number, length: number) => value.toString(16).padStart(length, '0')
  const areas = areaKinds.flatMap((kind) =>
    icon[kind].map(({ value, x, y }) => digits(value, isWide(kind) ? 3 : 2) + digits(x, 2) + digits(y, 2)),
  )
  return [
    digits(icon.side, 2),
    ...areas,
    ...[...icon.shares, icon.coloured].map((share) => digits(share, 2)),
  ].join('')
}

/** Something like the icon: areas moved by up to `strength` pixels, in another order, of other values; other shares of colours. */
export function alikeIcon(random: Random, icon: IconDescription, strength: number): IconDescription {
  const last = icon.side - icon.side / 4 - 1
  const within = (value: number, most: number) => Math.max(0, Math.min(most, value))
  const around = (far: number) => random.whole(2 * far + 1) - far
  const moved = ({ value, x, y }: IconArea, most: number): IconArea => ({
    x: random.chance(0.8) ? within(x + around(strength), last) : x,
    y: random.chance(0.8) ? within(y + around(strength), last) : y,
    value: random.chance(0.3) ? within(value + around(Math.floor(most / 4)), most) : value,
  })
  const areas = areaKinds.map((kind) => {
    const made = icon[kind].map((area) => moved(area, isWide(kind) ? 4072 : 255))
    return [kind, random.chance(0.3) ? [...made.slice(1), ...made.slice(0, 1)] : made] as const
  })
  const isWithoutColours = icon.coloured === 0 ? random.chance(0.8) : random.chance(0.1)
  const share = (value: number) => within(value + (random.chance(0.6) ? around(12) : 0), 33)
  const shares = isWithoutColours ? [0, 0, 0] : icon.shares.map(share)
  const coloured = isWithoutColours ? 0 : within(icon.coloured + (random.chance(0.6) ? around(12) : 0), 100)
  return { ...icon, ...Object.fromEntries(areas), shares, coloured }
}

function isWide(kind: (typeof areaKinds)[number]): boolean {
  return kind === 'colour' || kind === 'grey'
}
