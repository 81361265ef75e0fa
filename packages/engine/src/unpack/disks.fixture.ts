/**
 * Disks for tests: tables of partitions around contents, which begin and end at sectors. Never imported by production code.
 */

const SECTOR = 512

/** A content in whole sectors. */
function sectors(content: Uint8Array): Buffer {
  return Buffer.concat([content, Buffer.alloc((SECTOR - (content.length % SECTOR)) % SECTOR)])
}

function mbrRow(table: Buffer, row: number, type: number, start: number, count: number): void {
  table[446 + 16 * row + 4] = type
  table.writeUInt32LE(start, 446 + 16 * row + 8)
  table.writeUInt32LE(count, 446 + 16 * row + 12)
}

function emptyMbr(): Buffer {
  const table = Buffer.alloc(SECTOR)
  table.writeUInt16LE(0xaa55, 510)
  return table
}

/** A PC's disk with two partitions: one in the master boot record, the other a logical one in an extended one. */
export function makeMbrDisk(primary: Uint8Array, logical: Uint8Array): Buffer {
  const [first, second] = [sectors(primary), sectors(logical)]
  const [table, inner] = [emptyMbr(), emptyMbr()]
  const extended = 1 + first.length / SECTOR
  mbrRow(table, 0, 0x83, 1, first.length / SECTOR)
  mbrRow(table, 1, 0x05, extended, 1 + second.length / SECTOR)
  mbrRow(inner, 0, 0x83, 1, second.length / SECTOR)
  return Buffer.concat([table, first, inner, second])
}

/** A disk with a GUID partition table of as many rows. */
export function makeGptDisk(contents: readonly Uint8Array[]): Buffer {
  const protective = emptyMbr()
  mbrRow(protective, 0, 0xee, 1, 0xffffffff)
  const header = Buffer.alloc(SECTOR)
  header.write('EFI PART\0\0\x01\0', 'latin1')
  header.writeBigUInt64LE(2n, 72)
  header.writeUInt32LE(contents.length + 1, 80)
  header.writeUInt32LE(128, 84)
  const rows = Buffer.alloc(Math.ceil(((contents.length + 1) * 128) / SECTOR) * SECTOR)
  let start = 2 + rows.length / SECTOR
  const placed = contents.map((content, index) => {
    const bytes = sectors(content)
    const row = rows.subarray(index * 128)
    row.fill(1, 0, 16)
    row.writeBigUInt64LE(BigInt(start), 32)
    start += bytes.length / SECTOR
    row.writeBigUInt64LE(BigInt(start - 1), 40)
    return bytes
  })
  return Buffer.concat([protective, header, rows, ...placed])
}

/** An Apple disk with one partition behind its map. */
export function makeAppleDisk(content: Uint8Array): Buffer {
  const bytes = sectors(content)
  const driver = Buffer.alloc(SECTOR)
  driver.write('ER\x02\0', 'latin1')
  const row = (start: number, count: number, type: string) => {
    const block = Buffer.alloc(SECTOR)
    block.write('PM', 'latin1')
    block.writeUInt32BE(2, 4)
    block.writeUInt32BE(start, 8)
    block.writeUInt32BE(count, 12)
    block.write(type, 48)
    return block
  }
  const map = [row(1, 2, 'Apple_partition_map'), row(3, bytes.length / SECTOR, 'Apple_HFS')]
  return Buffer.concat([driver, ...map, bytes])
}
