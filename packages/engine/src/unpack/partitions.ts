/**
 * Partitions of a disk: of a PC's (master boot record, with logical ones in a chain; UEFI specification 2.10, 5.2), by GUID (5.3), and of an Apple
 * disk ("Inside Macintosh: Devices", the partition map). They lie in the image as they are, so each is a window onto it, of any size.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { readFields } from '../structure/fields.ts'
import { type Shortfall, tooManyEntries, type UnpackedPart } from './container.ts'
import { sliceSource } from './slice-source.ts'

const SECTOR = 512
/** Partition types that hold further tables: extended, the same by LBA, Linux's. */
const extendedTypes = new Set([0x05, 0x0f, 0x85])
/** The row that only says that a GUID partition table follows. */
const PROTECTIVE = 0xee
/** GPT: no disk has more rows than 128 by its standard; they may be longer. */
const MOST_ROWS = 1024
const [ROW_MIN_BYTES, ROW_MAX_BYTES] = [128, 4096]

interface Place {
  readonly offset: number
  readonly length: number
}

const damaged: Shortfall = { reason: 'damaged', detail: 'a partition lies beyond the end of the image' }

export async function* unpackMbr(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  yield* partsOf(source, mbrPlaces(source, budget), budget)
}

export async function* unpackGpt(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  yield* partsOf(source, gptPlaces(source, budget), budget)
}

export async function* unpackApm(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  yield* partsOf(source, apmPlaces(source, budget), budget)
}

function* partsOf(source: ByteSource, places: Iterable<Place>, budget: Budget): Generator<UnpackedPart> {
  let number = 0
  for (const { offset, length } of places) {
    number += 1
    if (!budget.takeEntry()) {
      yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
      return
    }
    const label = `partition ${number}`
    const present = Math.min(length, source.size - offset)
    if (present <= 0) {
      yield { kind: 'unscanned', label, shortfall: damaged }
      continue
    }
    const part = { kind: 'content', label, content: sliceSource(source, offset, present) } as const
    yield present === length ? part : { ...part, shortfall: damaged }
  }
}

/** The logical ones' tables lie in a chain, each with the place of the next; one that was there already ends it. */
function* mbrPlaces(source: ByteSource, budget: Budget): Generator<Place> {
  const seen = new Set<number>()
  const waiting = [{ table: 0, chain: 0 }]
  for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
    budget.check()
    const { table, chain } = at
    const rows = readFields(source, table * SECTOR + 446, 64)
    if (rows === undefined || seen.has(table) || seen.size >= MOST_ROWS) continue
    seen.add(table)
    for (let row = 0; row < 64; row += 16) {
      const type = rows.getUint8(row + 4)
      const [start, count] = [rows.getUint32(row + 8, true), rows.getUint32(row + 12, true)]
      if (type === 0 || type === PROTECTIVE || start === 0 || count === 0) continue
      if (extendedTypes.has(type)) {
        const next = chain + start
        waiting.push({ table: next, chain: chain === 0 ? next : chain })
      } else yield { offset: (table + start) * SECTOR, length: count * SECTOR }
    }
  }
}

function* gptPlaces(source: ByteSource, budget: Budget): Generator<Place> {
  const header = readFields(source, SECTOR, 92)
  if (header === undefined) return
  const first = Number(header.getBigUint64(72, true)) * SECTOR
  const rowBytes = header.getUint32(84, true)
  if (rowBytes < ROW_MIN_BYTES || rowBytes > ROW_MAX_BYTES) return
  const count = Math.min(header.getUint32(80, true), MOST_ROWS)
  for (let index = 0; index < count; index += 1) {
    budget.check()
    const row = readFields(source, first + index * rowBytes, ROW_MIN_BYTES)
    if (row === undefined) return
    const isUnused = row.getBigUint64(0, true) === 0n && row.getBigUint64(8, true) === 0n
    const [start, last] = [Number(row.getBigUint64(32, true)), Number(row.getBigUint64(40, true))]
    if (isUnused || start === 0 || last < start || !Number.isSafeInteger(last * SECTOR)) continue
    yield { offset: start * SECTOR, length: (last - start + 1) * SECTOR }
  }
}

/** Each block of the map says how many there are; the map itself is one of the partitions. */
function* apmPlaces(source: ByteSource, budget: Budget): Generator<Place> {
  const blockBytes = readFields(source, 2, 2)?.getUint16(0) || SECTOR
  let count = 1
  for (let index = 1; index <= Math.min(count, MOST_ROWS); index += 1) {
    budget.check()
    const block = readFields(source, index * blockBytes, 136)
    if (block === undefined || block.getUint16(0) !== 0x504d) return
    count = block.getUint32(4)
    const [start, length] = [block.getUint32(8), block.getUint32(12)]
    const type = Buffer.from(block.buffer, 48, 32).toString('latin1').replace(/\0.*$/s, '')
    if (type === 'Apple_partition_map' || type === 'Apple_Free' || start === 0 || length === 0) continue
    yield { offset: start * blockBytes, length: length * blockBytes }
  }
}
