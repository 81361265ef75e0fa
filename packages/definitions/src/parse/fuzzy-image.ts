/**
 * A fuzzy hash of an image as a sub-signature: `fuzzy_img#hash#distance` (ClamAV manual, "Image Fuzzy Hash subsignatures").
 * What the hash is of stands in packages/engine/src/images.
 */
import type { ImageCondition } from './condition.ts'
import { Refusal } from './pattern.ts'

/** By this such a sub-signature is known. */
export const FUZZY_IMAGE_SIGN = 'fuzzy_img#'

/** Reads one. As in clamscan 1.4.6 no distance is 0, 0 is the only one, and what stands behind it is not looked at. Throws Refusal. */
export function parseFuzzyImage(text: string): ImageCondition {
  const [hash = '', distance = '0'] = text.slice(FUZZY_IMAGE_SIGN.length).split('#')
  if (!/^[0-9a-f]{16}$/i.test(hash))
    throw new Refusal(`"${hash}" is not a fuzzy image hash of 16 hexadecimal digits`)
  if (!/^\d+$/.test(distance)) throw new Refusal(`"${distance}" is not a distance between fuzzy image hashes`)
  if (Number(distance) > 0)
    throw new Refusal('a distance between fuzzy image hashes above 0, which ClamAV does not take either')
  return { kind: 'image', trigger: [], hash: Buffer.from(hash, 'hex') }
}
