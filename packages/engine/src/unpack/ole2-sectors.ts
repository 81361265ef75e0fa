/**
 * The allocation of a compound file ([MS-CFB], sections 2.2 to 2.5): its header, its table of sectors, and the chains in it.
 * Whatever a chain says, it is followed no farther than the file has sectors, and what it misses is said.
 */
import type { ByteSource } from '../byte-source.ts'
import { readFields } from '../structure/fields.ts'
import { bytesInPieces, sectorSource } from './sector-source.ts'

const HEADER_BYTES = 512
/** Entries of the table of tables in the header. */
const HEADER_TABLES = 109
/** Sector numbers from here on are no sectors. */
const SECTOR_MAX = 0xfffffffa

/** Sectors of 512 bytes and 4 KiB are specified; readers take what lies near. */
const SHIFT_MIN = 7
const SHIFT_MAX = 16

/** One content that a chain leads to: less than was asked for when the chain broke off. */
export interface ChainContent {
  readonly content: ByteSource
  readonly isWhole: boolean
}

export interface Ole2Sectors {
  readonly directoryStart: number
  readonly miniTableStart: number
  /** Streams shorter than this lie in the mini stream. */
  readonly miniCutoff: number
  readonly miniSectorBytes: number
  /** The content of a chain, `size` bytes of it or all. */
  read(start: number, size?: number): ChainContent
}

/** Reads header and table; nothing when the header is none. */
export function readOle2Sectors(source: ByteSource): Ole2Sectors | undefined {
  const header = readFields(source, 0, HEADER_BYTES)
  if (header === undefined) return undefined
  const shift = header.getUint16(30, true)
  const miniShift = header.getUint16(32, true)
  if (shift < SHIFT_MIN || shift > SHIFT_MAX || miniShift < 2 || miniShift >= shift) return undefined
  const sectorBytes = 2 ** shift
  // The header takes the place of one sector. The last sector may break off.
  const sectorCount = Math.max(0, Math.ceil(source.size / sectorBytes) - 1)
  const table = readTable(source, header, sectorBytes, sectorCount)
  return {
    directoryStart: header.getUint32(48, true),
    miniTableStart: header.getUint32(60, true),
    miniCutoff: header.getUint32(56, true),
    miniSectorBytes: 2 ** miniShift,
    read(start, size) {
      const most = size === undefined ? sectorCount : Math.min(sectorCount, Math.ceil(size / sectorBytes))
      const sectors = followChain(table, start, most)
      const places = sectors.map((sector) => (sector + 1) * sectorBytes)
      const present = bytesInPieces(places, sectorBytes, source.size)
      const length = Math.min(present, size ?? present)
      const content = sectorSource(source, places, sectorBytes, length)
      return { content, isWhole: size === undefined || length === size }
    },
  }
}

/** The sectors of a chain, at most `most`; it ends at what is no sector of the table. */
export function followChain(table: Uint32Array, start: number, most: number): number[] {
  const sectors: number[] = []
  for (let sector = start; sector < table.length && sectors.length < most; sector = table[sector] as number) {
    sectors.push(sector)
  }
  return sectors
}

/** For each sector of the file the one behind it in its chain. */
function readTable(
  source: ByteSource,
  header: DataView,
  sectorBytes: number,
  sectorCount: number,
): Uint32Array {
  const table = new Uint32Array(sectorCount).fill(0xffffffff)
  const perSector = sectorBytes / 4
  let filled = 0
  for (const sector of tableSectors(source, header, sectorBytes, sectorCount)) {
    if (filled >= sectorCount) break
    const fields = readFields(source, (sector + 1) * sectorBytes, sectorBytes)
    const count = Math.min(perSector, sectorCount - filled)
    for (let index = 0; fields !== undefined && index < count; index += 1) {
      table[filled + index] = fields.getUint32(index * 4, true)
    }
    filled += perSector
  }
  return table
}

/** The sectors that hold the table: those in the header, then those in the chain of further lists. */
function* tableSectors(
  source: ByteSource,
  header: DataView,
  sectorBytes: number,
  sectorCount: number,
): Generator<number> {
  for (let index = 0; index < HEADER_TABLES; index += 1) {
    const sector = header.getUint32(76 + index * 4, true)
    if (sector < SECTOR_MAX) yield sector
  }
  let list = header.getUint32(68, true)
  for (let count = 0; list < SECTOR_MAX && count < sectorCount; count += 1) {
    const fields = readFields(source, (list + 1) * sectorBytes, sectorBytes)
    if (fields === undefined) return
    for (let index = 0; index + 4 < sectorBytes; index += 4) {
      const sector = fields.getUint32(index, true)
      if (sector < SECTOR_MAX) yield sector
    }
    list = fields.getUint32(sectorBytes - 4, true)
  }
}
