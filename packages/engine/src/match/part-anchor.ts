/**
 * The bytes that a part is searched by, found again in its elements from where they stand: of patterns that are looked for later no anchors are
 * stored.
 */
import {
  anchorSizes,
  element,
  elementCount,
  elementKind,
  elementKinds,
  elementLength,
  type PatternTables,
  POOL_MASK,
  part,
} from '@coreward/definitions'

/** Up to 8 fixed bytes, in which letters may stand for either case. */
const LONGEST = anchorSizes[0]

/** The fixed bytes at the anchor's place in a part; undefined where none stand, as only in a set that no compiler of ours made. */
export function partAnchor(tables: PatternTables, index: number): Uint8Array | undefined {
  const { parts, elements, bytes, partCount } = tables
  const at = index * part.words
  const prefix = parts[at + part.prefix] as number
  const first = parts[at + part.firstElement] as number
  const end =
    index + 1 < partCount
      ? (parts[at + part.words + part.firstElement] as number)
      : elements.length / element.words
  let least = prefix & 0xffff
  let most = prefix >>> 16
  for (let step = first; step < end && least >= 0; step += 1) {
    const packed = elements[step * element.words + element.packed] as number
    const data = elements[step * element.words + element.data] as number
    const kind = elementKind(packed)
    const length = elementLength(packed)
    const isFixed = kind === elementKinds.literal || kind === elementKinds.folded
    if (isFixed && least === most && least + 2 <= length)
      return bytes
        .slice(data + least, data + Math.min(length, least + LONGEST))
        .map((byte) => byte ^ POOL_MASK)
    const [shortest, longest] = spanOf(tables, kind, length, packed, data)
    least -= shortest
    most -= longest
  }
  return undefined
}

/** How many bytes an element consumes, least and most. */
function spanOf(
  { bytes }: PatternTables,
  kind: number,
  length: number,
  packed: number,
  data: number,
): [shortest: number, longest: number] {
  if (kind === elementKinds.line) return [1, 2]
  if (kind !== elementKinds.branch) return length === 0 ? [1, 1] : [length, length]
  let at = data
  let shortest = Number.POSITIVE_INFINITY
  let longest = 0
  for (let count = elementCount(packed); count > 0; count -= 1) {
    const own = ((bytes[at] as number) | ((bytes[at + 1] as number) << 8)) ^ (POOL_MASK * 0x101)
    at += 2 + 2 * own
    shortest = Math.min(shortest, own)
    longest = Math.max(longest, own)
  }
  return [shortest, longest]
}
