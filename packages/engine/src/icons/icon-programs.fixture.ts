/** Icons of all kinds, and programs that have them, for tests. Never imported by production code. */
import type { Random } from '../match/random-signatures.fixture.ts'
import { makePe, type PeItem } from '../structure/pe.fixture.ts'
import { makeResourceTree, type ResourceType } from '../structure/pe-resources.fixture.ts'

export const depths = [1, 4, 8, 16, 24, 32] as const
export type Depth = (typeof depths)[number]

export interface IconItem {
  readonly width: number
  readonly height: number
  readonly depth: Depth
  /** Red, green, blue and opacity of a pixel; what the depth has no room for is lost. */
  readonly pixel: (x: number, y: number) => readonly [number, number, number, number]
  /** Whether a pixel is masked out. */
  readonly isMasked: (x: number, y: number) => boolean
  /** For depths up to 8: red, green and blue. The pixel's red chooses among them. */
  readonly palette: readonly (readonly [number, number, number])[]
}

/** The bitmap of an icon resource (Win32, "BITMAPINFOHEADER"). */
export function makeIcon({ width, height, depth, pixel, isMasked, palette }: IconItem): Buffer {
  const header = Buffer.alloc(40)
  header.writeUInt32LE(40, 0)
  header.writeInt32LE(width, 4)
  header.writeInt32LE(2 * height, 8)
  header.writeUInt16LE(1, 12)
  header.writeUInt16LE(depth, 14)
  const colours = palette.flatMap(([red, green, blue]) => [blue, green, red, 0])
  const pixels = rowsOf(width, height, depth, (x, y) => {
    const [red, green, blue, opacity] = pixel(x, y)
    if (depth <= 8) return red % 2 ** depth
    if (depth === 16) return red | (green << 8)
    return blue + green * 2 ** 8 + red * 2 ** 16 + (depth === 32 ? opacity * 2 ** 24 : 0)
  })
  const mask = rowsOf(width, height, 1, (x, y) => (isMasked(x, y) ? 1 : 0))
  return Buffer.concat([header, Buffer.from(depth <= 8 ? colours : []), pixels, mask])
}

/** The lowest first, of pixels of so many bits, each row ending at a multiple of four bytes. */
function rowsOf(
  width: number,
  height: number,
  bits: number,
  value: (x: number, y: number) => number,
): Buffer {
  const row = Math.ceil((width * bits) / 32) * 4
  const bytes = Buffer.alloc(row * height)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (height - 1 - y) * row + Math.floor((x * bits) / 8)
      if (bits >= 8) bytes.writeUIntLE(value(x, y), at, bits / 8)
      else bytes[at] = (bytes[at] as number) | (value(x, y) << (8 - bits - ((x * bits) % 8)))
    }
  }
  return bytes
}

const kinds = ['noise', 'shapes', 'waves', 'flat'] as const

/** An icon of some kind: noise, shapes, something smooth or one colour; in colours or without, opaque or not. */
export function randomIcon(random: Random, width: number, height: number): IconItem {
  const kind = random.pick(kinds)
  const depth = random.pick(depths)
  const isGrey = random.chance(0.3)
  const colour = () => Array.from({ length: 4 }, () => random.whole(256)) as [number, number, number, number]
  const shapes = Array.from({ length: 1 + random.whole(6) }, () => ({
    from: [random.whole(width), random.whole(height)] as const,
    extent: [1 + random.whole(width), 1 + random.whole(height)] as const,
    colour: colour(),
  }))
  const ground = colour()
  const waves = Array.from(
    { length: 4 },
    () => [random.whole(80) / 100, random.whole(80) / 100, random.whole(7)] as const,
  )
  const opacity = random.pick([0, 255, 255, 'own', 'steps'])
  const made = new Map<number, readonly [number, number, number, number]>()
  const make = (x: number, y: number): [number, number, number, number] => {
    if (kind === 'noise') return colour()
    if (kind === 'flat') return ground
    if (kind === 'waves')
      return waves.map(([a, b, c]) => Math.floor(127.5 + 127.4 * Math.sin(a * x + b * y + c))) as [
        number,
        number,
        number,
        number,
      ]
    const over = shapes.findLast(
      ({ from: [left, top], extent: [wide, high] }) =>
        x >= left && y >= top && x < left + wide && y < top + high,
    )
    return over?.colour ?? ground
  }
  return {
    width,
    height,
    depth,
    palette: Array.from({ length: 2 ** Math.min(depth, 8) }, () => {
      const [red, green, blue] = colour()
      return isGrey ? [red, red, red] : [red, green, blue]
    }),
    isMasked: random.pick([
      () => false,
      () => false,
      (x: number, y: number) => (x * y) % 7 === 3,
      (x: number, y: number) => x + y < width / 2,
    ]),
    pixel(x, y) {
      const key = y * width + x
      const [red, green, blue, own] = made.get(key) ?? make(x, y)
      made.set(key, [red, green, blue, own])
      const shown = opacity === 'own' ? own : opacity === 'steps' ? (own & 1) * 255 : opacity
      return isGrey && depth > 16 ? [red, red, red, Number(shown)] : [red, green, blue, Number(shown)]
    },
  }
}

/** What a group says of icons by these numbers (Win32, "GRPICONDIR"). `count` may lie. */
export function makeGroup(ids: readonly number[], count = ids.length): Buffer {
  const bytes = Buffer.alloc(6 + 14 * ids.length)
  bytes.writeUInt16LE(1, 2)
  bytes.writeUInt16LE(count, 4)
  ids.forEach((id, index) => {
    bytes.writeUInt16LE(id, 6 + 14 * index + 12)
  })
  return bytes
}

const RVA = 0x2000

/** A program with these resources. */
export function programWith(types: readonly ResourceType[], item: Partial<PeItem> = {}): Buffer {
  const data = makeResourceTree(RVA, types)
  const size = Math.ceil(data.length / 0x200) * 0x200
  const section = {
    rva: RVA,
    virtualSize: size,
    rawPointer: 0x400,
    rawSize: size,
    data: Buffer.concat([data, Buffer.alloc(size - data.length)]),
  }
  return makePe({ entry: RVA, directories: { 2: [RVA, data.length] }, sections: [section], ...item })
}

/** A program with one group of icons, which have the numbers 1 and up. */
export function iconProgram(icons: readonly Buffer[], item: Partial<PeItem> = {}): Buffer {
  const named = icons.map((icon, index) => [index + 1, [icon]] as const)
  return programWith(
    [
      [3, named],
      [14, [[1, [makeGroup(named.map(([id]) => id))]]]],
    ],
    item,
  )
}
