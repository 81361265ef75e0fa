/**
 * An icon as it stands in a program → its pixels on white. An icon is a bitmap without a file header and of twice its height, below which a mask
 * stands (Win32, "BITMAPINFOHEADER"; "Icons", the XOR and the AND mask). Taken as clamscan 1.4.6 was seen to take it: whatever is said of planes, compression and
 * colours in use means nothing, and what is in PNG is no icon.
 */
import type { ByteSource } from '../byte-source.ts'
import { readFields } from '../structure/fields.ts'
import { type PixelDecoder, pixelDecoder } from './icon-pixels.ts'

/** Rows from top to bottom, of pixels of three bytes: red, green and blue. */
export interface IconPicture {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

const HEADER_BYTES = 40
/** ClamAV's limits. They bound what one icon costs, too. */
const [SIDE_MIN, SIDE_MAX] = [16, 256]

/** The picture at an offset; nothing for what ClamAV takes for no icon. */
export function readIcon(source: ByteSource, offset: number): IconPicture | undefined {
  const header = readFields(source, offset, HEADER_BYTES)
  if (header === undefined || header.getUint32(0, true) < HEADER_BYTES) return undefined
  const [width, height] = [header.getUint32(4, true), header.getUint32(8, true) >>> 1]
  const [short, long] = [Math.min(width, height), Math.max(width, height)]
  if (short < SIDE_MIN || long > SIDE_MAX || short < Math.floor((long * 3) / 4)) return undefined
  const depth = header.getUint16(14, true)
  const start = offset + header.getUint32(0, true)
  const paletteBytes = depth <= 8 ? 4 * 2 ** depth : 0
  const decoder = pixelDecoder(depth, readBytes(source, start, paletteBytes))
  const row = rowBytes(width * depth)
  const colours = readBytes(source, start + paletteBytes, row * height)
  if (decoder === undefined || colours === undefined) return undefined
  const mask = readBytes(source, start + paletteBytes + row * height, rowBytes(width) * height)
  const plane = { width, height, colours, row }
  if (depth !== 32) return mask && onWhite(plane, decoder, opacityByMask(mask, width))
  const opacity = (x: number, y: number) => colours[y * row + 4 * x + 3] as number
  if (!isInvisible(plane)) return onWhite(plane, decoder, opacity)
  return onWhite(plane, decoder, mask === undefined ? () => 255 : opacityByMask(mask, width))
}

/** Rows as they are stored, the lowest first. */
interface Plane {
  readonly width: number
  readonly height: number
  readonly colours: Uint8Array
  readonly row: number
}

function onWhite(
  { width, height, colours, row }: Plane,
  decode: PixelDecoder,
  opacity: (x: number, y: number) => number,
): IconPicture {
  const pixels = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y += 1) {
    let to = (height - 1 - y) * width * 3
    for (let x = 0; x < width; x += 1, to += 3) {
      const hidden = decode(colours, y * row, x, pixels, to)
      const shown = Math.max(opacity(x, y), hidden)
      for (let channel = to; channel < to + 3; channel += 1)
        pixels[channel] = Math.floor(((pixels[channel] as number) * shown) / 255) + 255 - shown
    }
  }
  return { width, height, pixels }
}

/** Whether the bytes for opacity are all zero: then nobody meant them. */
function isInvisible({ width, height, colours, row }: Plane): boolean {
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) if (colours[y * row + 4 * x + 3] !== 0) return false
  }
  return true
}

function opacityByMask(mask: Uint8Array, width: number): (x: number, y: number) => number {
  const row = rowBytes(width)
  return (x, y) => (((mask[y * row + (x >> 3)] as number) << (x & 7)) & 0x80 ? 0 : 255)
}

/** Rows end at multiples of four bytes. */
function rowBytes(bits: number): number {
  return Math.ceil(bits / 32) * 4
}

function readBytes(source: ByteSource, offset: number, length: number): Uint8Array | undefined {
  const fields = readFields(source, offset, length)
  return fields && new Uint8Array(fields.buffer)
}
