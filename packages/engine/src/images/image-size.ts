/**
 * What an image's header says it will take to decode, read before any of it is decoded: a few bytes may claim billions of pixels. Only
 * what stands where the format has it is looked at; whether the image is one is the decoder's to say.
 */

export interface ImageSize {
  readonly pixels: number
  /** Bytes that a pixel takes while it is being decoded, at most. */
  readonly pixelBytes: number
  /** How often the decoder goes over all pixels. */
  readonly passes: number
}

/** What the header of an image of this kind says; undefined where there is none. */
export function imageSize(kind: ImageKind, content: Uint8Array): ImageSize | undefined {
  const view = new DataView(content.buffer, content.byteOffset, content.length)
  try {
    return readers[kind](view)
  } catch (error) {
    // Behind the content's end.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

export const imageKinds = ['png', 'jpeg', 'gif', 'bmp', 'tiff'] as const
export type ImageKind = (typeof imageKinds)[number]

const readers: { readonly [Kind in ImageKind]: (view: DataView) => ImageSize | undefined } = {
  png: pngSize,
  jpeg: jpegSize,
  gif: gifSize,
  bmp: bmpSize,
  tiff: tiffSize,
}

/** IHDR (PNG, 11.2.2). Four channels of one or two bytes. */
function pngSize(view: DataView): ImageSize {
  const pixels = view.getUint32(16) * view.getUint32(20)
  return { pixels, pixelBytes: view.getUint8(24) > 8 ? 8 : 4, passes: 1 }
}

const [SOI, EOI, SOS, TEM] = [0xd8, 0xd9, 0xda, 0x01]
/** Frames by Huffman or arithmetic coding: SOF0 to SOF15 without DHT, JPG and DAC. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
const isRestart = (marker: number) => marker >= 0xd0 && marker <= 0xd7

/** The first frame header (T.81, B.2.2), and how many scans there are. */
function jpegSize(view: DataView): ImageSize | undefined {
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength)
  let frame: Omit<ImageSize, 'passes'> | undefined
  let passes = 0
  for (let at = bytes.indexOf(0xff, 2); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at)) {
    const marker = bytes[at + 1] as number
    if (marker === EOI) break
    // Fill bytes, and what belongs to a scan's data.
    if (marker === 0xff) at += 1
    else if (marker === 0 || marker === SOI || marker === TEM || isRestart(marker)) at += 2
    else {
      if (at + 4 > bytes.length) break
      if (isFrame(marker)) frame ??= jpegFrame(view, at, marker)
      if (marker === SOS) passes += 1
      at += 2 + view.getUint16(at + 2)
    }
  }
  return frame === undefined ? undefined : { ...frame, passes: Math.max(1, passes) }
}

/** A progressive image's coefficients lie in memory, two bytes each, beside its planes. */
function jpegFrame(view: DataView, at: number, marker: number): Omit<ImageSize, 'passes'> {
  const isProgressive = (marker & 3) === 2
  const pixels = view.getUint16(at + 5) * view.getUint16(at + 7)
  return { pixels, pixelBytes: view.getUint8(at + 9) * (isProgressive ? 4 : 2) }
}

const [EXTENSION, IMAGE] = [0x21, 0x2c]

/** The screen and the first image (GIF89a, 18 and 20): no other is decoded. */
function gifSize(view: DataView): ImageSize | undefined {
  const screen = view.getUint16(6, true) * view.getUint16(8, true)
  let at = 13 + paletteBytes(view.getUint8(10))
  for (; view.getUint8(at) === EXTENSION; at += 1) {
    at += 2
    for (let length = view.getUint8(at); length > 0; length = view.getUint8(at)) at += 1 + length
  }
  if (view.getUint8(at) !== IMAGE) return undefined
  const frame = view.getUint16(at + 5, true) * view.getUint16(at + 7, true)
  return { pixels: screen + frame, pixelBytes: 4, passes: 1 }
}

function paletteBytes(packed: number): number {
  return packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0
}

/** BITMAPCOREHEADER, or any of the longer ones. A negative height is one from top to bottom. */
function bmpSize(view: DataView): ImageSize {
  const isCore = view.getUint32(14, true) === 12
  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true)
  const height = isCore ? view.getUint16(20, true) : view.getInt32(22, true)
  return { pixels: Math.abs(width) * Math.abs(height), pixelBytes: 4, passes: 1 }
}

const tiffTags = { width: 256, height: 257, bits: 258, samples: 277 }
const SHORT = 3
const LONG8 = 16

/** The first directory (TIFF 6.0, section 2). */
function tiffSize(view: DataView): ImageSize | undefined {
  const little = view.getUint8(0) === 0x49
  const directory = view.getUint32(4, little)
  const count = view.getUint16(directory, little)
  const found = new Map<number, number>()
  for (let index = 0; index < count; index += 1) {
    const entry = directory + 2 + 12 * index
    found.set(view.getUint16(entry, little), tiffValue(view, entry, little))
  }
  const [width, height] = [found.get(tiffTags.width), found.get(tiffTags.height)]
  if (width === undefined || height === undefined) return undefined
  const samples = Math.max(3, found.get(tiffTags.samples) ?? 1)
  const sampleBytes = Math.ceil(Math.max(8, found.get(tiffTags.bits) ?? 1) / 8)
  return { pixels: width * height, pixelBytes: samples * sampleBytes, passes: 1 }
}

/** An entry's first value, as far as sizes need it. */
function tiffValue(view: DataView, entry: number, little: boolean): number {
  const type = view.getUint16(entry + 2, little)
  if (type === LONG8) return Number.POSITIVE_INFINITY
  if (type !== SHORT) return view.getUint32(entry + 8, little)
  const isInPlace = view.getUint32(entry + 4, little) <= 2
  return view.getUint16(isInPlace ? entry + 8 : view.getUint32(entry + 8, little), little)
}
