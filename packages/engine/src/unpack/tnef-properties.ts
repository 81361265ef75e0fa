/** The properties in an attribute of TNEF ([MS-OXTNEF], section 2.1.3.4 and 2.1.3.5): where the values of bytes and texts lie. No value is read. */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { readFields } from '../structure/fields.ts'
import { sliceSource } from './slice-source.ts'

export interface TnefProperty {
  readonly id: number
  readonly type: number
  readonly value: ByteSource
}

/** Bytes of each type of fixed length; two and one take four in a row of properties. */
const fixedBytes: ReadonlyMap<number, number> = new Map([
  ...[0x02, 0x03, 0x04, 0x0a, 0x0b].map((type) => [type, 4] as const),
  ...[0x05, 0x06, 0x07, 0x14, 0x40].map((type) => [type, 8] as const),
  [0x48, 16],
])
/** Texts, objects and bytes: a count of values, each with its length. */
const variable: ReadonlySet<number> = new Set([0x0d, 0x1e, 0x1f, 0x102])
const SEVERAL = 0x1000
/** Identifiers from here on have names. */
const NAMED = 0x8000
const NAMED_BYTES = 24
const BY_STRING = 1

/** The values of variable length; at what is no property it says so and ends. */
export function* readTnefProperties(
  source: ByteSource,
  budget: Budget,
): Generator<TnefProperty | 'cut', void> {
  let at = 4
  const number = (): number => {
    const value = readFields(source, at, 4)?.getUint32(0, true) ?? Number.NaN
    at += 4
    return value
  }
  const count = readFields(source, 0, 4)?.getUint32(0, true) ?? 0
  for (let index = 0; index < count; index += 1) {
    budget.check()
    const head = readFields(source, at, 4)
    if (head === undefined) return yield 'cut'
    const stated = head.getUint16(0, true)
    const type = stated & ~SEVERAL
    const id = head.getUint16(2, true)
    at += 4
    if (id >= NAMED) {
      const kind = readFields(source, at + 16, 4)?.getUint32(0, true)
      at += NAMED_BYTES
      if (kind === BY_STRING) {
        at -= 4
        const length = number()
        at += padded(length)
      }
    }
    const isVariable = variable.has(type)
    const values = isVariable || (stated & SEVERAL) !== 0 ? number() : 1
    const fixed = fixedBytes.get(type)
    if (!isVariable) {
      if (fixed === undefined) return yield 'cut'
      at += fixed * values
    }
    for (let each = 0; isVariable && each < values; each += 1) {
      budget.check()
      const length = number()
      if (!(at + length <= source.size)) return yield 'cut'
      yield { id, type, value: sliceSource(source, at, length) }
      at += padded(length)
    }
    if (!(at <= source.size)) return yield 'cut'
  }
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4
}
