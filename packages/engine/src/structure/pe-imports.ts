/**
 * What a PE file imports, library by library (PE format, "The .idata Section"), in the order and with the bounds of
 * stock ClamAV, whose .imp signatures are made from it.
 */
import type { ByteSource } from '../byte-source.ts'
import { readFields } from './fields.ts'
import type { PeHeader } from './pe-header.ts'
import { offsetOf, type PeLayout } from './pe-sections.ts'

const DESCRIPTOR_BYTES = 20
/** ClamAV reads no more libraries and no longer names. */
const MOST_LIBRARIES = 1024
const LONGEST_NAME = 256
/** Each address costs a look at every section. Some 20 ms; no honest program comes near a hundredth of it. */
const MOST_STEPS = 20_000_000

export interface PeImport {
  /** Bytes as Latin-1, as they stand in the file. */
  readonly library: string
  /** A name, or a number when the function is imported by ordinal. */
  readonly function: string | number
}

/**
 * All imports, one after the other. Ends with `false` when the table cannot be read to its end, `true` otherwise;
 * nothing is yielded when there is no table, which is `false` too.
 */
export function* readImports(
  source: ByteSource,
  header: PeHeader,
  layout: PeLayout,
): Generator<PeImport, boolean> {
  const directory = header.directories[1]
  if (directory === undefined || directory.rva === 0 || directory.size === 0) return false
  let steps = 0
  const place = (rva: number) => {
    steps += layout.sections.length + 1
    return offsetOf(rva, layout)
  }
  const table = place(directory.rva)
  if (table === undefined || table + directory.size > source.size) return false
  // A descriptor that ends exactly with the directory is the one that ends the table, whatever it holds.
  const libraries = Math.min(MOST_LIBRARIES, Math.floor((directory.size - 1) / DESCRIPTOR_BYTES))
  for (let index = 0; index < libraries; index += 1) {
    const descriptor = readFields(source, table + index * DESCRIPTOR_BYTES, DESCRIPTOR_BYTES)
    const nameRva = descriptor?.getUint32(12, true) ?? 0
    if (descriptor === undefined || nameRva === 0) return true
    const nameOffset = place(nameRva)
    const thunks = place(descriptor.getUint32(0, true) || descriptor.getUint32(16, true))
    const start = thunks ?? place(descriptor.getUint32(16, true))
    if (nameOffset === undefined || start === undefined) return false
    const library = readName(source, nameOffset)
    for (let at = start; ; at += header.plus ? 8 : 4) {
      if (steps > MOST_STEPS) return false
      const imported = readThunk(source, at, header.plus, place)
      if (imported === undefined) break
      yield { library, function: imported }
    }
  }
  return true
}

/** The function behind one entry of the lookup table; nothing at the table's end. */
function readThunk(
  source: ByteSource,
  at: number,
  plus: boolean,
  place: (rva: number) => number | undefined,
): string | number | undefined {
  const thunk = readFields(source, at, plus ? 8 : 4)
  if (thunk === undefined) return undefined
  const low = thunk.getUint32(0, true)
  const high = plus ? thunk.getUint32(4, true) : low
  if (low === 0 && high === 0) return undefined
  if (high >= 0x80000000) return low & 0xffff
  const hint = place(low)
  // The name stands behind a hint of two bytes. An address that is no place gives an empty name.
  if (hint === undefined) return ''
  return hint + 2 < source.size ? readName(source, hint + 2) : undefined
}

function readName(source: ByteSource, offset: number): string {
  const bytes = source.read(offset, Math.min(LONGEST_NAME, source.size - offset))
  const end = bytes.indexOf(0)
  return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString('latin1')
}
