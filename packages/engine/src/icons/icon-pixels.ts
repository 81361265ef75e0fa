/** The colour of a pixel in a row of an icon's bitmap, by the number of its bits (Win32, "BITMAPINFOHEADER", biBitCount; "RGBQUAD"). */

/** Writes red, green and blue of pixel `x` of the row at `row` to `to`. Answers with the opacity that it keeps where a mask hides it. */
export type PixelDecoder = (
  bytes: Uint8Array,
  row: number,
  x: number,
  pixels: Uint8Array,
  to: number,
) => number

/** The decoder for pixels of so many bits; nothing where there is none, or no palette for it. */
export function pixelDecoder(depth: number, palette: Uint8Array | undefined): PixelDecoder | undefined {
  if (palette === undefined) return undefined
  switch (depth) {
    case 1:
    case 4:
    case 8:
      return indexed(depth, palette)
    case 16:
      return sixteen
    case 24:
    case 32:
      return (bytes, row, x, pixels, to) => reversed(bytes, row + (x * depth) / 8, pixels, to)
    default:
      return undefined
  }
}

function indexed(depth: number, palette: Uint8Array): PixelDecoder {
  const perByte = 8 / depth
  const most = 2 ** depth - 1
  return (bytes, row, x, pixels, to) => {
    const byte = bytes[row + Math.floor(x / perByte)] as number
    const shift = (perByte - 1 - (x % perByte)) * depth
    return reversed(palette, 4 * ((byte >> shift) & most), pixels, to)
  }
}

/** Blue stands first. */
function reversed(from: Uint8Array, at: number, pixels: Uint8Array, to: number): number {
  pixels[to] = from[at + 2] as number
  pixels[to + 1] = from[at + 1] as number
  pixels[to + 2] = from[at] as number
  return 0
}

/**
 * Five bits for each colour, widened to eight by repeating the upper ones, that was meant; clamscan 1.4.6 puts bits of green and red elsewhere, green's into red and
 * red's into the opacity. Measured bit by bit with icons of one colour; what an icon's hash was made from is that.
 */
function sixteen(bytes: Uint8Array, row: number, x: number, pixels: Uint8Array, to: number): number {
  const value = (bytes[row + 2 * x] as number) | ((bytes[row + 2 * x + 1] as number) << 8)
  const [red, green, blue] = [value >> 10, value >> 5, value & 31]
  pixels[to] = ((green >> 2) & 7) | (red << 1) | ((red & 3) << 6)
  pixels[to + 1] = ((green & 3) << 6) | (((green >> 2) & 7) << 3)
  pixels[to + 2] = (blue << 3) | (blue >> 2)
  return red >> 2
}
