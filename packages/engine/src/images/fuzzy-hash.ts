/**
 * An image's pixels → the hash of 64 bits by which similar images are told, as clamscan 1.4.6 computes it; what that is was found out with made
 * images. Grey, 32 by 32, a cosine transform, and of its 64 lowest frequencies those above their median. All in 32-bit floats, one operation
 * after the other: where a frequency hardly differs from the median its rounding decides.
 */
import { transformSquare } from './cosine-transform.ts'
import type { Pixels } from './image-decoder.ts'
import { shrink } from './shrink.ts'

/** Rows and columns of what is transformed. */
const SIZE = 32
/** Rows and columns of the frequencies that count. */
const LOW = 8

/** The hash, 16 lower-case hexadecimal digits. `check` is called now and then, and throws to end it. */
export function fuzzyHash(pixels: Pixels, check: () => void): string {
  const small = shrink(greyOf(pixels), pixels.width, pixels.height, SIZE, check)
  const frequencies = transformSquare(small, SIZE)
  const lowest = Array.from(
    { length: LOW * LOW },
    (_, index) => frequencies[Math.floor(index / LOW) * SIZE + (index % LOW)] as number,
  )
  const median = medianOf(lowest)
  const bits = lowest.map((frequency) => (frequency > median ? '1' : '0')).join('')
  return BigInt(`0b${bits}`).toString(16).padStart(16, '0')
}

/** Alpha does not count. */
function greyOf({ width, height, rgba }: Pixels): Uint8Array {
  const grey = new Uint8Array(width * height)
  for (let index = 0; index < grey.length; index += 1) {
    const at = 4 * index
    const [red, green, blue] = [rgba[at] as number, rgba[at + 1] as number, rgba[at + 2] as number]
    grey[index] = (299 * red + 587 * green + 114 * blue + 500) / 1000
  }
  return grey
}

/** The mean of the two in the middle. */
function medianOf(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const [low = 0, high = 0] = sorted.slice(numbers.length / 2 - 1)
  return Math.fround(Math.fround(low + high) / 2)
}
