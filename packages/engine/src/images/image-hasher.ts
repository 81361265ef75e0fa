/**
 * A content that is an image → its fuzzy hash, within bounds. What the decoder does not take has none, as in ClamAV: the hash is of what is
 * seen, and nothing is. What is beyond the bounds, and a damaged JPEG, may have one that is not known.
 */
import type { ByteSource } from '../byte-source.ts'
import { fuzzyHash } from './fuzzy-hash.ts'
import { ImageDecoder } from './image-decoder.ts'
import type { ImageLibrary } from './image-library.ts'
import { type ImageKind, type ImageSize, imageSize } from './image-size.ts'

/** The file itself, which the decoder holds beside its pixels. */
const CONTENT_MAX_BYTES = 64 * 1024 * 1024

/**
 * All that one image may take in memory beside its file: what the decoder needs for a pixel, twice four bytes for its colours, one for its grey.
 * Most of what cameras make fits: 26 million pixels of JPEG.
 */
const DECODED_MAX_BYTES = 384 * 1024 * 1024
const COLOUR_BYTES = 9

/** Pixels that the decoder may go over in all: images in steps are made in ten or so, and a hostile one has thousands. */
const VISITS_MAX = 512 * 1024 * 1024

export type ImageHash =
  /** 16 lower-case hexadecimal digits. */
  | { readonly kind: 'hash'; readonly hash: string }
  | { readonly kind: 'none' }
  /** There is one, or may be. */
  | { readonly kind: 'unknown'; readonly reason: 'too-large' | 'damaged'; readonly detail: string }

export interface ImageHasher {
  /** What the source and `check` throw passes through; `check` is called every few milliseconds but while pixels are decoded. */
  hash(kind: ImageKind, source: ByteSource, check: () => void): ImageHash
}

/** For one thread. Nothing is loaded before the first image. */
export function createImageHasher(library: ImageLibrary): ImageHasher {
  const decoder = new ImageDecoder(library)
  return {
    hash(kind, source, check) {
      if (source.size > CONTENT_MAX_BYTES) return tooLarge(`an image of ${source.size} bytes`)
      let beyond: string | undefined
      let isImage = false
      const isWanted = (content: Uint8Array) => {
        const size = imageSize(kind, content)
        isImage = size !== undefined
        if (size !== undefined) beyond = excessOf(size)
        return size !== undefined && beyond === undefined
      }
      const hash = decoder.decode(source, isWanted, (pixels) => fuzzyHash(pixels, check), check)
      if (beyond !== undefined) return tooLarge(beyond)
      if (hash !== undefined) return { kind: 'hash', hash }
      return isImage && kind === 'jpeg' ? damagedJpeg : { kind: 'none' }
    },
  }
}

/** ClamAV's decoder shows what is there of such an image, ours nothing. */
const damagedJpeg: ImageHash = {
  kind: 'unknown',
  reason: 'damaged',
  detail: 'a damaged JPEG is not decoded, so that its fuzzy hash is not known',
}

function tooLarge(what: string): ImageHash {
  return {
    kind: 'unknown',
    reason: 'too-large',
    detail: `${what} is not decoded, so that its fuzzy hash is not known`,
  }
}

/** What of an image is beyond the bounds, in words. */
function excessOf({ pixels, pixelBytes, passes }: ImageSize): string | undefined {
  if (pixels * (pixelBytes + COLOUR_BYTES) > DECODED_MAX_BYTES) return `an image of ${pixels} pixels`
  return pixels * passes > VISITS_MAX ? `an image of ${pixels} pixels in ${passes} passes` : undefined
}
