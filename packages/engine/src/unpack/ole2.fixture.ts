/** Compound files for tests ([MS-CFB]), of either sector size, with streams where they belong by their length. */

const FREE = 0xffffffff
const END = 0xfffffffe
const FAT = 0xfffffffd
const LIST = 0xfffffffc
/** Sectors of the table that the header lists itself. */
const HEADER_LISTED = 109
const MINI_CUTOFF = 4096
const MINI_BYTES = 64

export interface MadeStream {
  readonly name: string
  readonly data: Uint8Array
}

export interface MadeOle2 {
  readonly sectorShift?: number
  /** Sectors of a stream are not laid side by side, but with one unused sector between each two. */
  readonly scattered?: boolean
  /** Spoils the finished file. */
  readonly spoil?: (file: Buffer) => void
}

/** A compound file with these streams under its root. */
export function makeOle2(
  streams: readonly MadeStream[],
  { sectorShift = 9, scattered = false, spoil = () => {} }: MadeOle2 = {},
): Buffer {
  const sectorBytes = 1 << sectorShift
  const sectors: Buffer[] = []
  const next: number[] = []
  const chain = (data: Uint8Array, gap: boolean): number => {
    const count = Math.ceil(data.length / sectorBytes)
    if (count === 0) return END
    const first = sectors.length
    for (let index = 0; index < count; index += 1) {
      const sector = Buffer.alloc(sectorBytes)
      sector.set(data.subarray(index * sectorBytes, (index + 1) * sectorBytes))
      sectors.push(sector)
      next.push(index + 1 === count ? END : sectors.length + (gap ? 1 : 0))
      if (gap) {
        sectors.push(Buffer.alloc(sectorBytes, 0xee))
        next.push(FREE)
      }
    }
    return first
  }
  const miniStream: Buffer[] = []
  const miniNext: number[] = []
  const miniChain = (data: Uint8Array): number => {
    const first = miniNext.length
    const count = Math.ceil(data.length / MINI_BYTES)
    const padded = Buffer.alloc(count * MINI_BYTES)
    padded.set(data)
    miniStream.push(padded)
    for (let index = 0; index < count; index += 1)
      miniNext.push(index + 1 === count ? END : miniNext.length + 1)
    return count === 0 ? END : first
  }
  const starts = streams.map(({ data }) =>
    data.length < MINI_CUTOFF ? miniChain(data) : chain(data, scattered),
  )
  const mini = Buffer.concat(miniStream)
  const miniStart = chain(mini, scattered)
  const miniFat = Buffer.alloc(Math.ceil((miniNext.length * 4) / sectorBytes) * sectorBytes, 0xff)
  miniNext.forEach((sector, index) => {
    miniFat.writeUInt32LE(sector, index * 4)
  })
  const miniFatStart = chain(miniFat, false)
  const entries = [
    entry('Root Entry', 5, miniStart, mini.length, streams.length > 0 ? 1 : FREE, FREE),
    ...streams.map(({ name, data }, index) =>
      entry(name, 2, starts[index] ?? END, data.length, FREE, index + 2 <= streams.length ? index + 2 : FREE),
    ),
  ]
  const directoryStart = chain(Buffer.concat(entries), false)
  const perSector = sectorBytes / 4
  let fatCount = 0
  const listCount = () => Math.ceil(Math.max(0, fatCount - HEADER_LISTED) / (perSector - 1))
  while (fatCount * perSector < next.length + fatCount + listCount()) fatCount += 1
  const fatStart = sectors.length
  for (let index = 0; index < fatCount; index += 1) next.push(FAT)
  const listStart = fatStart + fatCount
  const lists = Buffer.alloc(listCount() * sectorBytes, 0xff)
  for (let index = HEADER_LISTED; index < fatCount; index += 1) {
    const listed = index - HEADER_LISTED
    const list = Math.floor(listed / (perSector - 1))
    lists.writeUInt32LE(fatStart + index, list * sectorBytes + (listed % (perSector - 1)) * 4)
    lists.writeUInt32LE(list + 1 < listCount() ? listStart + list + 1 : END, (list + 1) * sectorBytes - 4)
  }
  for (let index = 0; index < listCount(); index += 1) next.push(LIST)
  const fat = Buffer.alloc(fatCount * sectorBytes, 0xff)
  next.forEach((sector, index) => {
    fat.writeUInt32LE(sector, index * 4)
  })
  const header = Buffer.alloc(sectorBytes)
  header.set(Buffer.from('d0cf11e0a1b11ae1', 'hex'))
  header.writeUInt16LE(0x3e, 24)
  header.writeUInt16LE(sectorShift === 9 ? 3 : 4, 26)
  header.writeUInt16LE(0xfffe, 28)
  header.writeUInt16LE(sectorShift, 30)
  header.writeUInt16LE(6, 32)
  header.writeUInt32LE(fatCount, 44)
  header.writeUInt32LE(directoryStart, 48)
  header.writeUInt32LE(MINI_CUTOFF, 56)
  header.writeUInt32LE(miniNext.length === 0 ? END : miniFatStart, 60)
  header.writeUInt32LE(miniFat.length / sectorBytes, 64)
  header.writeUInt32LE(listCount() > 0 ? listStart : END, 68)
  header.writeUInt32LE(listCount(), 72)
  header.fill(0xff, 76, 512)
  for (let index = 0; index < Math.min(fatCount, HEADER_LISTED); index += 1)
    header.writeUInt32LE(fatStart + index, 76 + index * 4)
  const file = Buffer.concat([header, ...sectors, fat, lists])
  spoil(file)
  return file
}

function entry(
  name: string,
  type: number,
  start: number,
  size: number,
  child: number,
  right: number,
): Buffer {
  const record = Buffer.alloc(128)
  record.write(name, 'utf16le')
  record.writeUInt16LE((name.length + 1) * 2, 64)
  record[66] = type
  record[67] = 1
  record.writeUInt32LE(FREE, 68)
  record.writeUInt32LE(right, 72)
  record.writeUInt32LE(child, 76)
  record.writeUInt32LE(start, 116)
  record.writeUInt32LE(size, 120)
  return record
}
