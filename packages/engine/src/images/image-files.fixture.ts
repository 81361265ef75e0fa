/**
 * Images made for tests: pixels that are not flat, and files of them in each format and form that the decoder is given. Never imported by
 * production code.
 */
import { crc32, deflateSync } from 'node:zlib'
import jpeg from 'jpeg-js'
import { GifWriter } from 'omggif'
import type { Random } from '../match/random-signatures.fixture.ts'

/** Rows of pixels, four bytes each: red, green, blue, alpha. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly rgba: Uint8Array
}

/** A few soft spots of colour and some noise; `levels` is how many values a colour has. */
export function randomPicture(random: Random, width: number, height: number, levels = 256): Picture {
  const share = () => random.whole(4096) / 4096
  const spots = Array.from({ length: 5 }, () => Array.from({ length: 6 }, share))
  const rgba = new Uint8Array(4 * width * height)
  for (let at = 0; at < rgba.length; at += 4) {
    const [x, y] = [((at / 4) % width) / width, Math.floor(at / 4 / width) / height]
    for (let channel = 0; channel < 3; channel += 1) {
      let value = 24 * share()
      for (const [left = 0, top = 0, size = 0, ...colour] of spots) {
        const far = (x - left) ** 2 + (y - top) ** 2
        value += 160 * (colour[channel] ?? 0) * Math.exp(-far / (0.02 + size * 0.1))
      }
      const level = Math.floor((Math.min(value, 255) / 256) * levels)
      rgba[at + channel] = levels === 256 ? level : Math.floor((level * 255) / (levels - 1))
    }
    rgba[at + 3] = random.whole(256)
  }
  return { width, height, rgba }
}

export interface PngForm {
  /** 0 grey, 2 colour, 3 palette, 4 grey and alpha, 6 colour and alpha. */
  readonly colourType: 0 | 2 | 3 | 4 | 6
  /** 8, or 16 for all but palettes; 1, 2 and 4 for grey alone. */
  readonly depth: number
  readonly interlaced?: boolean
}

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

/** A PNG. Of a palette there are the colours of 3, 3 and 2 bits. */
export function pngFile(picture: Picture, { colourType, depth, interlaced = false }: PngForm): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(picture.width, 0)
  header.writeUInt32BE(picture.height, 4)
  header.set([depth, colourType, 0, 0, interlaced ? 1 : 0], 8)
  const passes = interlaced ? ADAM7 : ([[0, 0, 1, 1]] as const)
  const lines: Buffer[] = []
  for (const [left, top, right, down] of passes) {
    for (let y = top; y < picture.height; y += down) {
      const samples: number[] = []
      for (let x = left; x < picture.width; x += right) samples.push(...samplesOf(picture, x, y, colourType))
      if (samples.length > 0) lines.push(Buffer.from([0]), packed(samples, depth))
    }
  }
  const palette = Buffer.from(
    Array.from({ length: 256 }, (_, colour) => [
      (colour >> 5) * 36,
      ((colour >> 2) & 7) * 36,
      (colour & 3) * 85,
    ]).flat(),
  )
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    ...(colourType === 3 ? [chunk('PLTE', palette)] : []),
    chunk('IDAT', deflateSync(Buffer.concat(lines))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** A pixel's samples of 8 bits, in the form of a colour type. */
function samplesOf({ width, rgba }: Picture, x: number, y: number, colourType: number): number[] {
  const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(4 * (y * width + x))
  if (colourType === 3) return [(red & 0xe0) | ((green & 0xe0) >> 3) | (blue >> 6)]
  const colour = colourType === 0 || colourType === 4 ? [green] : [red, green, blue]
  return colourType >= 4 ? [...colour, alpha] : colour
}

function packed(samples: readonly number[], depth: number): Buffer {
  if (depth === 8) return Buffer.from(samples)
  // The lower byte is another one, so that 16 bits are not 8 in disguise.
  if (depth === 16)
    return Buffer.from(samples.flatMap((sample, index) => [sample, (sample * 7 + index) & 255]))
  const bits = samples.map((sample) => (sample >> (8 - depth)).toString(2).padStart(depth, '0')).join('')
  return Buffer.from((bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)))
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

export function jpegFile({ width, height, rgba }: Picture, quality: number): Buffer {
  return jpeg.encode({ width, height, data: Buffer.from(rgba) }, quality).data
}

/** Frames of one size, with 256 colours of 3, 3 and 2 bits. `transparent` is a colour's number. */
export function gifFile(pictures: readonly Picture[], transparent?: number): Buffer {
  const [{ width, height }] = pictures as [Picture]
  const bytes = Buffer.alloc(2048 + pictures.length * width * height * 2)
  const palette = Array.from(
    { length: 256 },
    (_, colour) => ((colour >> 5) * 36 * 65536) | (((colour >> 2) & 7) * 36 * 256) | ((colour & 3) * 85),
  )
  const writer = new GifWriter(bytes, width, height, { palette, loop: 0 })
  for (const picture of pictures) {
    const indexes: number[] = []
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1) indexes.push(...samplesOf(picture, x, y, 3))
    writer.addFrame(0, 0, width, height, indexes, transparent === undefined ? {} : { transparent })
  }
  return bytes.subarray(0, writer.end())
}

/** 24 bits a pixel, from the lowest row up. */
export function bmpFile({ width, height, rgba }: Picture): Buffer {
  const line = Math.ceil((3 * width) / 4) * 4
  const bytes = Buffer.alloc(54 + line * height)
  bytes.write('BM')
  bytes.writeUInt32LE(bytes.length, 2)
  bytes.writeUInt32LE(54, 10)
  bytes.writeUInt32LE(40, 14)
  bytes.writeInt32LE(width, 18)
  bytes.writeInt32LE(height, 22)
  bytes.writeUInt16LE(1, 26)
  bytes.writeUInt16LE(24, 28)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [red = 0, green = 0, blue = 0] = rgba.subarray(4 * (y * width + x))
      bytes.set([blue, green, red], 54 + (height - 1 - y) * line + 3 * x)
    }
  }
  return bytes
}

/** One strip of three samples of 8 bits, not compressed. */
export function tiffFile({ width, height, rgba }: Picture): Buffer {
  const pixels = Buffer.from(rgba.filter((_, index) => index % 4 < 3))
  const entries = [
    [256, 4, 1, width],
    [257, 4, 1, height],
    [258, 3, 3, 8],
    [259, 3, 1, 1],
    [262, 3, 1, 2],
    [273, 4, 1, 14],
    [277, 3, 1, 3],
    [278, 4, 1, height],
    [279, 4, 1, pixels.length],
  ] as const
  const directory = Buffer.alloc(2 + 12 * entries.length + 4)
  directory.writeUInt16LE(entries.length)
  entries.forEach(([tag, type, count, value], index) => {
    const at = 2 + 12 * index
    directory.writeUInt16LE(tag, at)
    directory.writeUInt16LE(type, at + 2)
    directory.writeUInt32LE(count, at + 4)
    // Three numbers do not fit beside the tag: they stand in the file's first bytes.
    directory.writeUInt32LE(tag === 258 ? 8 : value, at + 8)
  })
  const head = Buffer.alloc(14)
  head.write('II*\0', 'latin1')
  head.writeUInt32LE(14 + pixels.length, 4)
  for (const at of [8, 10, 12]) head.writeUInt16LE(8, at)
  return Buffer.concat([head, pixels, directory])
}
