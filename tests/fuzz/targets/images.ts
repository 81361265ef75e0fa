/** Fuzzy hashes of images; the sizes that their headers state are read by our own code, the pixels by a library in WebAssembly. */

import {
  bmpFile,
  gifFile,
  jpegFile,
  pngFile,
  randomPicture,
  tiffFile,
} from '../../../packages/engine/src/images/image-files.fixture.ts'
import { createImageHasher } from '../../../packages/engine/src/images/image-hasher.ts'
import { openImageLibrary } from '../../../packages/engine/src/images/image-library.ts'
import { type ImageKind, imageKinds, imageSize } from '../../../packages/engine/src/images/image-size.ts'
import { seededRandom } from '../../../packages/engine/src/match/random-signatures.fixture.ts'
import { checkedSource, fuzzBudget, isTimeOut } from '../checked-source.ts'
import { type FuzzTarget, mustHold } from '../fuzz-target.ts'

const hasher = createImageHasher(openImageLibrary())

function seedOf(kind: ImageKind): Uint8Array[] {
  const picture = randomPicture(seededRandom(1), 16, 12, 4)
  if (kind === 'jpeg') return [jpegFile(picture, 40)]
  if (kind === 'gif') return [gifFile([picture]), gifFile([picture, picture], 3)]
  if (kind === 'bmp') return [bmpFile(picture)]
  if (kind === 'tiff') return [tiffFile(picture)]
  return [
    pngFile(picture, { colourType: 2, depth: 8 }),
    pngFile(picture, { colourType: 0, depth: 1, interlaced: true }),
  ]
}

function hashing(kind: ImageKind): FuzzTarget {
  return {
    name: `images:${kind}`,
    seeds: () => seedOf(kind),
    run(input) {
      try {
        const answer = hasher.hash(kind, checkedSource(input), fuzzBudget().check)
        if (answer.kind === 'hash') mustHold(/^[0-9a-f]{16}$/.test(answer.hash), 'a hash is none')
        return JSON.stringify(answer)
      } catch (error) {
        isTimeOut(error)
        return undefined
      }
    },
  }
}

export const targets: readonly FuzzTarget[] = [
  ...imageKinds.map(hashing),
  {
    name: 'images:size',
    seeds: () => imageKinds.flatMap(seedOf),
    run(input) {
      const sizes = imageKinds.map((kind) => imageSize(kind, input))
      for (const size of sizes) {
        if (size === undefined) continue
        const { pixels, pixelBytes, passes } = size
        mustHold(
          [pixels, pixelBytes, passes].every((value) => value >= 0 && Number.isFinite(value)),
          'an image has no size',
        )
      }
      return JSON.stringify(sizes)
    },
  },
]
