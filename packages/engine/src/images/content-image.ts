/** A content as an image, if it is one by its type: what a matcher asks for its fuzzy hash. */
import type { ByteSource } from '../byte-source.ts'
import type { FileTypeName } from '../file-type.ts'
import type { ImageHash, ImageHasher } from './image-hasher.ts'
import { imageKinds } from './image-size.ts'

/** Undefined of what is no image. `onUnknown` is told why a hash that was asked for is not known. */
export function contentImage(
  source: ByteSource,
  type: FileTypeName,
  images: ImageHasher,
  check: () => void,
  onUnknown: (reason: 'too-large' | 'damaged', detail: string) => void,
): (() => ImageHash) | undefined {
  const kind = imageKinds.find((each) => each === type)
  if (kind === undefined) return undefined
  return () => {
    const found = images.hash(kind, source, check)
    if (found.kind === 'unknown') onUnknown(found.reason, found.detail)
    return found
  }
}
