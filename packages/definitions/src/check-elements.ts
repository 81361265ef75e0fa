/** Checks that the steps of parts hold only what the compiler writes, and says how many bytes each takes at most. */
import { element, elementCount, elementKind, elementKinds, elementLength, POOL_MASK } from './layout.ts'
import { malformed } from './section-views.ts'

/** The pool is masked, as it is stored. */
export interface ElementTables {
  readonly elements: Uint32Array
  readonly pool: Uint8Array
}

/** The most bytes that element `index` consumes. Throws DefinitionsError `malformed`. */
export function checkElement({ elements, pool }: ElementTables, index: number): number {
  const data = elements[index * element.words + element.data] as number
  const packed = elements[index * element.words + element.packed] as number
  const kind = elementKind(packed)
  const length = elementLength(packed)
  const count = elementCount(packed)
  switch (kind) {
    case elementKinds.literal:
    case elementKinds.masked: {
      const stored = kind === elementKinds.literal ? length : 2 * length
      if (length === 0 || count !== 0 || data + stored > pool.length) break
      return length
    }
    case elementKinds.oneOf:
    case elementKinds.noneOf:
      if (length === 0 || count === 0 || data + length * count > pool.length) break
      return length
    case elementKinds.branch: {
      const most = branchLength(pool, data, count)
      if (length !== 0 || most === 0) break
      return most
    }
    case elementKinds.folded:
      if (length === 0 || count !== 0 || data + length > pool.length) break
      if (holdsUpperCase(pool, data, data + length)) break
      return length
    case elementKinds.line:
      if (data !== 0 || length !== 0 || count !== 0) break
      return 2
    default:
      if (kind > elementKinds.notNonAlnum || data !== 0 || length !== 0 || count !== 0) break
      return 1
  }
  throw malformed(`element ${index} holds an impossible value`)
}

function holdsUpperCase(pool: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const byte = (pool[at] as number) ^ POOL_MASK
    if (byte >= 0x41 && byte <= 0x5a) return true
  }
  return false
}

/** The longest of `count` alternatives; 0 when they are not all there. */
function branchLength(pool: Uint8Array, data: number, count: number): number {
  let at = data
  let most = 0
  for (let index = 0; index < count; index += 1) {
    if (at + 2 > pool.length) return 0
    const length = ((pool[at] as number) | ((pool[at + 1] as number) << 8)) ^ (POOL_MASK * 0x101)
    at += 2 + 2 * length
    if (length === 0 || at > pool.length) return 0
    most = Math.max(most, length)
  }
  return most
}
