/**
 * Grey pixels of any size → a small square, by Lanczos' filter with three lobes (for large images a mean over many pixels), as image-rs
 * does it: columns first, then rows, sums in 32-bit floats in the order of the pixels.
 */
const { fround } = Math

const LOBES = 3
const PI = fround(Math.PI)

/** Rows between two calls of `check`: some milliseconds of the widest image that is decoded. */
const ROWS_AT_ONCE = 64

/** The weights of the pixels that make up one. */
interface Tap {
  readonly from: number
  readonly weights: readonly number[]
}

/** `size` by `size` values of 0 to 255, in rows. `check` throws to end it. */
export function shrink(
  grey: Uint8Array,
  width: number,
  height: number,
  size: number,
  check: () => void,
): Uint8Array {
  const columns = new Float32Array(width * size)
  tapsFor(height, size).forEach(({ from, weights }, row) => {
    const sums = columns.subarray(row * width, (row + 1) * width)
    weights.forEach((weight, index) => {
      if (index % ROWS_AT_ONCE === 0) check()
      const line = (from + index) * width
      for (let at = 0; at < width; at += 1) {
        sums[at] = (sums[at] as number) + fround((grey[line + at] as number) * weight)
      }
    })
  })
  const small = new Uint8Array(size * size)
  tapsFor(width, size).forEach(({ from, weights }, column) => {
    for (let row = 0; row < size; row += 1) {
      const line = row * width + from
      let sum = 0
      weights.forEach((weight, index) => {
        sum = fround(sum + fround((columns[line + index] as number) * weight))
      })
      small[row * size + column] = Math.round(Math.min(Math.max(sum, 0), 255))
    }
  })
  return small
}

/** For each of `size` pixels the taps among `length` ones. */
function tapsFor(length: number, size: number): Tap[] {
  const ratio = fround(length / size)
  const scale = Math.max(ratio, 1)
  const reach = fround(LOBES * scale)
  return Array.from({ length: size }, (_, index) => {
    const middle = fround((index + 0.5) * ratio)
    const from = Math.min(Math.max(Math.floor(fround(middle - reach)), 0), length - 1)
    const to = Math.min(Math.max(Math.ceil(fround(middle + reach)), from + 1), length)
    const origin = fround(middle - 0.5)
    const weights = Array.from({ length: to - from }, (_, tap) =>
      lanczos(fround(fround(from + tap - origin) / scale)),
    )
    const sum = weights.reduce((total, weight) => fround(total + weight), 0)
    return { from, weights: weights.map((weight) => fround(weight / sum)) }
  })
}

function lanczos(distance: number): number {
  return Math.abs(distance) < LOBES ? fround(sinc(distance) * sinc(fround(distance / LOBES))) : 0
}

function sinc(value: number): number {
  if (value === 0) return 1
  const angle = fround(value * PI)
  return fround(fround(Math.sin(angle)) / angle)
}
