/**
 * Where the strings of a PE file's version information lie (VS_VERSIONINFO), which is what offsets `VI` mean (ClamAV manual, "Signatures based on
 * version information metadata inside PE files"): each at its key. Read as stock ClamAV reads them; headers of other lengths than the usual ones
 * have no strings there either.
 */
import type { ByteSource } from '../byte-source.ts'
import { readFields } from './fields.ts'
import type { PeHeader } from './pe-header.ts'
import { resourcesOf } from './pe-resources.ts'
import type { PeLayout } from './pe-sections.ts'

const VERSION = 16
/** ClamAV looks at no more. */
const MOST_RESOURCES = 16
/** More are not read: what a length of 16 bits can say. */
const LONGEST = 0xffff
/** Length, length of the value, type; and the same with the keys `VS_VERSION_INFO`, `StringFileInfo` and eight digits. */
const HEAD = 6
const [ROOT_HEAD, INFO_HEAD, TABLE_HEAD] = [0x28, 0x24, 0x18]
const FIXED_BYTES = 0x34
const FIXED_SIGNATURE = 0xfeef04bd
const [ROOT_KEY, INFO_KEY] = ['VS_VERSION_INFO\0', 'StringFileInfo\0']
/** A string that is not longer ends its table. */
const STRING_MIN = 16

/** Offsets into the content, in the order they stand. */
export function versionStrings(source: ByteSource, header: PeHeader, layout: PeLayout): readonly number[] {
  const places: number[] = []
  for (const { offset, size } of resourcesOf(source, header, layout, VERSION, MOST_RESOURCES)) {
    if (offset + size > source.size) continue
    const bytes = readFields(source, offset, Math.min(size, LONGEST))
    if (bytes !== undefined) for (const place of stringsIn(bytes)) places.push(offset + place)
  }
  return places
}

function* stringsIn(bytes: DataView): Generator<number> {
  if (bytes.byteLength < ROOT_HEAD + FIXED_BYTES) return
  const end = bytes.getUint16(0, true)
  if (end > bytes.byteLength || bytes.getUint16(2, true) !== FIXED_BYTES || !hasKey(bytes, 0, ROOT_KEY))
    return
  if (bytes.getUint32(ROOT_HEAD, true) !== FIXED_SIGNATURE) return
  for (const info of blocksIn(bytes, ROOT_HEAD + FIXED_BYTES, end, INFO_HEAD)) {
    if (info === undefined) return
    if (!hasKey(bytes, info.start, INFO_KEY)) continue
    for (const table of blocksIn(bytes, info.start + INFO_HEAD, info.end, TABLE_HEAD)) {
      if (table === undefined) return
      for (const string of blocksIn(bytes, table.start + TABLE_HEAD, table.end, STRING_MIN + 1, true)) {
        if (string === undefined) return
        if (hasValue(bytes, string.start + HEAD, string.end)) yield string.start + HEAD
      }
    }
  }
}

interface Block {
  readonly start: number
  readonly end: number
}

/** Blocks one behind the other, at multiples of 4; `undefined` is one that is malformed, which ends everything. */
function* blocksIn(
  bytes: DataView,
  from: number,
  end: number,
  least: number,
  isPadded = false,
): Generator<Block | undefined> {
  for (let start = from; start + HEAD <= end; ) {
    const length = bytes.getUint16(start, true)
    const next = start + Math.ceil(length / 4) * 4
    const isWhole = length >= least && (isPadded ? next : start + length) <= end
    yield isWhole ? { start, end: start + length } : undefined
    if (!isWhole) return
    start = next
  }
}

/** Whether a key ends before its string does, so that there is something behind it. */
function hasValue(bytes: DataView, key: number, end: number): boolean {
  let at = key
  while (at + 2 <= end && bytes.getUint16(at, true) !== 0) at += 2
  return Math.ceil((at + 2) / 4) * 4 < end
}

function hasKey(bytes: DataView, at: number, key: string): boolean {
  return [...key].every(
    (letter, index) => bytes.getUint16(at + HEAD + 2 * index, true) === letter.charCodeAt(0),
  )
}
