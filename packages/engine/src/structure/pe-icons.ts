/**
 * Where a PE file's icons lie: resources of type 3, told by what a resource of type 14 says of a group of them (Win32, "Resource types", RT_ICON and
 * RT_GROUP_ICON, GRPICONDIR). As clamscan 1.4.6 was seen to do it: of programs, not of libraries; of the first group alone, in all of its languages.
 */
import type { ByteSource } from '../byte-source.ts'
import { readFields } from './fields.ts'
import type { PeHeader } from './pe-header.ts'
import { resourcesOf } from './pe-resources.ts'
import type { PeLayout } from './pe-sections.ts'

const [ICON, ICON_GROUP] = [3, 14]
/** Reserved, type, number of entries; and in an entry, behind what is said of the icon, its number. */
const [HEAD_BYTES, ENTRY_BYTES, ENTRY_ID] = [6, 14, 12]
/** ClamAV looks at no more entries of groups. */
const MOST_ENTRIES = 100
/** As many as the tree may have entries. */
const MOST_ICONS = 4096

/** Offsets into the content, each once. */
export function* iconPlaces(source: ByteSource, header: PeHeader, layout: PeLayout): Generator<number> {
  if (header.isLibrary) return
  let icons: ReadonlyMap<number, readonly number[]> | undefined
  const told = new Set<number>()
  for (const id of entryIds(source, header, layout)) {
    icons ??= iconsByName(source, header, layout)
    for (const offset of icons.get(id) ?? []) {
      if (told.has(offset)) continue
      told.add(offset)
      yield offset
    }
  }
}

function iconsByName(source: ByteSource, header: PeHeader, layout: PeLayout): Map<number, number[]> {
  const icons = new Map<number, number[]>()
  for (const { name, offset } of resourcesOf(source, header, layout, ICON, MOST_ICONS)) {
    const same = icons.get(name)
    if (same === undefined) icons.set(name, [offset])
    else same.push(offset)
  }
  return icons
}

/** The numbers of icons in the first group. */
function* entryIds(source: ByteSource, header: PeHeader, layout: PeLayout): Generator<number> {
  let left = MOST_ENTRIES
  let group: number | undefined
  for (const { name, offset, size } of resourcesOf(source, header, layout, ICON_GROUP, MOST_ENTRIES)) {
    group ??= name
    if (name !== group) return
    if (size <= HEAD_BYTES || offset + size > source.size) continue
    const count = readFields(source, offset, HEAD_BYTES)?.getUint16(4, true) ?? 0
    for (let index = 0; index < count; index += 1, left -= 1) {
      const at = HEAD_BYTES + index * ENTRY_BYTES
      if (left === 0) return
      const entry = at + ENTRY_BYTES > size ? undefined : readFields(source, offset + at, ENTRY_BYTES)
      if (entry === undefined) break
      yield entry.getUint16(ENTRY_ID, true)
    }
  }
}
