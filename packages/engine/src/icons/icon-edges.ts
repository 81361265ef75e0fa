/**
 * How much of an edge each pixel of an icon is, 0 to 255: the lengths of Sobel's gradients of how far colours are from a middle grey, as people
 * see it (CIE 1976 L*a*b*, ISO/CIE 11664-4; the colours are those of sRGB, IEC 61966-2-1). Measured against clamscan 1.4.6.
 */

/** Linear light of each value of a channel. */
const LINEAR = Float64Array.from({ length: 256 }, (_, value) => {
  const share = value / 255
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
})
/** The middle of what a channel can hold. */
const MIDDLE = 127
const middle = labOf(MIDDLE, MIDDLE, MIDDLE)

/** The edges in a square picture. */
export function edgesIn(pixels: Uint8Array, side: number): Int32Array {
  const lengths = gradients(distances(pixels, side), side)
  const most = lengths.reduce((max, length) => Math.max(max, length), 0)
  const edges = new Int32Array(side * side)
  for (let y = 1; y < side - 1; y += 1) {
    for (let at = y * side + 1; at < (y + 1) * side - 1; at += 1) {
      // Of a picture without any edge the blue is taken, as if nobody had written over it.
      edges[at] =
        most === 0 ? (pixels[3 * at + 2] as number) : Math.floor(((lengths[at] as number) * 255) / most)
    }
  }
  blurRows(edges, side)
  blurColumns(edges, side)
  return edges
}

function distances(pixels: Uint8Array, side: number): Float64Array {
  return Float64Array.from({ length: side * side }, (_, index) => {
    const [red, green, blue] = pixels.subarray(3 * index, 3 * index + 3) as unknown as [
      number,
      number,
      number,
    ]
    const [lightness, a, b] = labOf(red, green, blue)
    return Math.sqrt((lightness - middle[0]) ** 2 + (a - middle[1]) ** 2 + (b - middle[2]) ** 2)
  })
}

/** L*, a* and b* for daylight (D65). */
function labOf(red: number, green: number, blue: number): [lightness: number, a: number, b: number] {
  const [r, g, b] = [LINEAR[red] as number, LINEAR[green] as number, LINEAR[blue] as number]
  const x = steps((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047)
  const y = steps(0.2126 * r + 0.7152 * g + 0.0722 * b)
  const z = steps((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

function steps(light: number): number {
  return light > 0.008856 ? Math.cbrt(light) : 7.787 * light + 16 / 116
}

/** Whole lengths; the border has none. */
function gradients(values: Float64Array, side: number): Int32Array {
  const lengths = new Int32Array(side * side)
  const value = (at: number) => values[at] as number
  /** Three in a line, the middle one twice. */
  const line = (at: number, step: number) => value(at - step) + 2 * value(at) + value(at + step)
  for (let y = 1; y < side - 1; y += 1) {
    for (let at = y * side + 1; at < (y + 1) * side - 1; at += 1) {
      const across = line(at + 1, side) - line(at - 1, side)
      const down = line(at + side, 1) - line(at - side, 1)
      lengths[at] = Math.floor(Math.sqrt(across * across + down * down))
    }
  }
  return lengths
}

function blurRows(values: Int32Array, side: number): void {
  for (let row = 0; row < side * side; row += side) {
    let before = values[row] as number
    for (let at = row + 1; at < row + side - 1; at += 1) {
      const own = values[at] as number
      values[at] = (before + 2 * own + (values[at + 1] as number)) >> 2
      before = own
    }
  }
}

/** Each row takes of the one above what that has become: what clamscan does. */
function blurColumns(values: Int32Array, side: number): void {
  for (let at = side; at < side * (side - 1); at += 1)
    values[at] =
      ((values[at - side] as number) + 2 * (values[at] as number) + (values[at + side] as number)) >> 2
}
