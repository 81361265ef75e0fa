/**
 * Resources of one type in a PE file (PE format, "The .rsrc Section"): a tree of three levels, type, name and language. What it says is read
 * as stock ClamAV reads it, in bounded number; a tree that leads outside or around itself ends there.
 */
import type { ByteSource } from '../byte-source.ts'
import { readFields } from './fields.ts'
import type { PeHeader } from './pe-header.ts'
import { offsetOf, type PeLayout } from './pe-sections.ts'

const RESOURCES = 2
const TABLE_BYTES = 16
const ENTRY_BYTES = 8
const LEAF_BYTES = 16
const SUBTREE = 0x80000000
/** Entries looked at in all: an honest program has some hundred. */
const MOST_ENTRIES = 4096
/** Each address costs a look at every section. */
const MOST_STEPS = 20_000_000

/** Where a resource lies in the file, and how long it says it is. */
export interface PeResource {
  /** Its name's number, or with the upper bit where its name is. */
  readonly name: number
  readonly offset: number
  readonly size: number
}

/** The resources of type number `type`, `most` of them at most, in the order of the tree. Of a type that stands there twice only the first is read. */
export function* resourcesOf(
  source: ByteSource,
  { directories }: PeHeader,
  layout: PeLayout,
  type: number,
  most: number,
): Generator<PeResource> {
  const base = directories[RESOURCES]
  if (base === undefined || base.rva === 0 || base.size === 0) return
  let left = MOST_ENTRIES
  let resources = 0
  let steps = 0
  const place = (rva: number) => {
    steps += layout.sections.length + 1
    return steps > MOST_STEPS ? undefined : offsetOf(rva, layout)
  }
  const read = (rva: number, length: number) => {
    const offset = place(rva)
    return offset === undefined ? undefined : readFields(source, offset, length)
  }

  /** The entries of one table, those with names first: a number or a name, and what is below. */
  function* entries(rva: number, isNamed: boolean): Generator<readonly [id: number, below: number]> {
    const table = read(rva, TABLE_BYTES)
    if (table === undefined) return
    const named = table.getUint16(12, true)
    // As ClamAV adds them, in 16 bits.
    const count = (named + table.getUint16(14, true)) & 0xffff
    for (let index = isNamed ? 0 : named; index < count && left > 0; index += 1, left -= 1) {
      const entry = read(rva + TABLE_BYTES + index * ENTRY_BYTES, ENTRY_BYTES)
      if (entry === undefined) return
      yield [entry.getUint32(0, true), entry.getUint32(4, true)]
    }
  }

  for (const [id, names] of entries(base.rva, false)) {
    if (id !== type || names < SUBTREE) continue
    for (const [name, languages] of entries(base.rva + names - SUBTREE, true)) {
      if (languages < SUBTREE) continue
      for (const [, leafAt] of entries(base.rva + languages - SUBTREE, true)) {
        if (leafAt >= SUBTREE) continue
        resources += 1
        if (resources > most) return
        const leaf = read(base.rva + leafAt, LEAF_BYTES)
        const offset = leaf === undefined ? undefined : place(leaf.getUint32(0, true))
        if (leaf !== undefined && offset !== undefined) yield { name, offset, size: leaf.getUint32(4, true) }
      }
    }
    return
  }
}
