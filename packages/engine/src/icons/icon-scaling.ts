/** An icon's picture → one of the sizes in which icons are described, as clamscan 1.4.6 was seen to scale. */
import type { IconPicture } from './icon-picture.ts'

const SIDES = [16, 24, 32] as const
const LARGEST = 32

/** The picture, square and 16, 24 or 32 pixels wide; nothing for one that comes out otherwise, whose hash no set may hold. */
export function scaleIcon(picture: IconPicture): IconPicture | undefined {
  const { width, height } = picture
  if (width === height && width > LARGEST && (width % 32 === 0 || width % 24 === 0)) {
    let halved = picture
    while (halved.width > LARGEST) halved = halve(halved)
    return SIDES.some((side) => side === halved.width) ? halved : undefined
  }
  const distance = (side: number) => Math.abs(width - side) + Math.abs(height - side)
  // Of two sizes as near the smaller one.
  const side = SIDES.reduce((best, each) => (distance(each) < distance(best) ? each : best))
  return width === side && height === side ? picture : pickPixels(picture, side)
}

/** Means of two beside one another, then of two below one another, each rounded down. */
function halve({ width, height, pixels }: IconPicture): IconPicture {
  const half = { width: width / 2, height: height / 2 }
  const means = new Uint8Array(half.width * half.height * 3)
  const across = (at: number) => ((pixels[at] as number) + (pixels[at + 3] as number)) >> 1
  for (let y = 0; y < half.height; y += 1) {
    for (let x = 0; x < half.width; x += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        const from = (2 * y * width + 2 * x) * 3 + channel
        means[(y * half.width + x) * 3 + channel] = (across(from) + across(from + width * 3)) >> 1
      }
    }
  }
  return { ...half, pixels: means }
}

/** One pixel for each: rows are rounded down, columns to the nearest. */
function pickPixels({ width, height, pixels }: IconPicture, side: number): IconPicture {
  const picked = new Uint8Array(side * side * 3)
  for (let y = 0; y < side; y += 1) {
    const row = Math.floor((y * height) / side) * width
    for (let x = 0; x < side; x += 1) {
      const from = (row + Math.floor((x * width) / side + 0.5)) * 3
      picked.set(pixels.subarray(from, from + 3), (y * side + x) * 3)
    }
  }
  return { width: side, height: side, pixels: picked }
}
