/**
 * What an icon is described by, as clamscan 1.4.6 was seen to print it: where it is coloured, grey, bright, dark, full of edges and plain, and which colours it
 * has. The picture is one that scaleIcon made.
 */
import type { IconDescription } from '@coreward/definitions'
import { type AreaSums, areaSums, strongest, weakest } from './icon-areas.ts'
import { edgesIn } from './icon-edges.ts'
import type { IconPicture } from './icon-picture.ts'

const AREAS = 3
/** A pixel is coloured that is brighter and more saturated than a third of what can be. */
const COLOURED_ABOVE = 85
/** Of fewer coloured pixels, in percent of all, an icon has no colours. */
const COLOURED_MIN = 6

/** Describes a picture of 16, 24 or 32 pixels in square. */
export function describeIcon({ width: side, pixels }: IconPicture): IconDescription {
  const colours = new Int32Array(side * side)
  const brightness = new Int32Array(side * side)
  const account = new ShareAccount()
  for (let at = 0; at < side * side; at += 1) {
    const [red, green, blue] = [pixels[3 * at], pixels[3 * at + 1], pixels[3 * at + 2]] as [
      number,
      number,
      number,
    ]
    const [most, least] = [Math.max(red, green, blue), Math.min(red, green, blue)]
    const saturation = most === 0 ? 0 : Math.floor((255 * (most - least)) / most)
    colours[at] = Math.floor(Math.sqrt(saturation * saturation * most))
    brightness[at] = most
    if (most > COLOURED_ABOVE && saturation > COLOURED_ABOVE) account.add(red, green, blue)
  }
  const lights = areaSums(brightness, side)
  const edges = areaSums(edgesIn(pixels, side), side)
  const all = {
    side,
    bright: strongest(lights, AREAS),
    dark: weakest(lights, AREAS),
    edge: strongest(edges, AREAS),
    plain: weakest(edges, AREAS),
  }
  const coloured = Math.floor((100 * account.pixels) / (side * side))
  if (coloured < COLOURED_MIN) return { ...all, ...withoutColours(edges), shares: [0, 0, 0], coloured: 0 }
  const sums = areaSums(colours, side)
  return {
    ...all,
    colour: strongest(sums, AREAS),
    grey: weakest(sums, AREAS),
    shares: account.shares(),
    coloured,
  }
}

/** In place of coloured and grey areas the next ones of edges, and the next plain ones, said to be where those edges are. */
function withoutColours(edges: AreaSums): Pick<IconDescription, 'colour' | 'grey'> {
  const colour = strongest(edges, 2 * AREAS).slice(AREAS)
  const plain = weakest(edges, 2 * AREAS).slice(AREAS)
  return {
    colour,
    grey: colour.map(({ x, y }, index) => ({ x, y, value: plain[index]?.value ?? 0 })),
  }
}

/** How much of red, green and blue there is, by hue: a colour and its complement are one, and those between belong to both beside them. */
class ShareAccount {
  pixels = 0
  readonly #sums = [0, 0, 0]

  add(red: number, green: number, blue: number): void {
    this.pixels += 1
    // Around the circle red, yellow (blue's complement), green, cyan (red's), blue, magenta (green's).
    const turn = hueOf(red, green, blue) % 3
    const [from, to] = (
      [
        [0, 2],
        [2, 1],
        [1, 0],
      ] as const
    )[Math.floor(turn) as 0 | 1 | 2]
    this.#add(from, 1 - (turn % 1))
    this.#add(to, turn % 1)
  }

  /** Each pixel's share is rounded up, but for what arithmetic adds to a whole percent. */
  #add(channel: 0 | 1 | 2, share: number): void {
    this.#sums[channel] = (this.#sums[channel] as number) + Math.ceil(100 * share - 1e-9)
  }

  shares(): number[] {
    return this.#sums.map((sum) => Math.floor(sum / this.pixels))
  }
}

/** 0 to 6, red to red. */
function hueOf(red: number, green: number, blue: number): number {
  const most = Math.max(red, green, blue)
  const spread = most - Math.min(red, green, blue)
  if (most === red) return ((green - blue) / spread + 6) % 6
  return most === green ? 2 + (blue - red) / spread : 4 + (red - green) / spread
}
