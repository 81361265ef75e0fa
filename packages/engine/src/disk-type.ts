/**
 * Images of disks and file systems, which are told from bytes at fixed places far from the beginning, where most of them hold nothing or a program that
 * starts the machine (ECMA-119 and ECMA-167 for optical disks, the UEFI specification chapter 5, Microsoft's FAT specification, and the kernels' own
 * headers for the others). A mark of two bytes does not count without what stands around it.
 */
import type { ByteSource } from './byte-source.ts'
import type { FileTypeName } from './file-type.ts'
import { readFields } from './structure/fields.ts'

type Mark = readonly [name: FileTypeName, offset: number, bytes: string]

/** The first that fits wins: what boots from a stick and from an optical disk is both. */
const marks: readonly Mark[] = [
  ['iso', 32769, 'CD001'],
  ['udf', 32769, 'BEA01'],
  ['gpt', 512, 'EFI PART\0\0\x01\0'],
  ['apfs', 32, 'NXSB'],
  ['hfs', 1024, 'H+\0\x04'],
  ['hfs', 1024, 'HX\0\x05'],
  ['cramfs', 16, 'Compressed ROMFS'],
  ['virtual-disk', 64, '\x7f\x10\xda\xbe'],
]

const SECTOR = 512
const TRAILER_BYTES = 512
/** Its boot file has 8 KiB, and no file system of it that is worth making is as small. */
const NTFS_MIN_BYTES = 64 * 1024

/** What kind of image it is, if it is one. */
export function identifyDisk(source: ByteSource): FileTypeName | undefined {
  const mark = marks.find(([, offset, bytes]) => stands(source, offset, bytes))
  if (mark !== undefined) return mark[0]
  if (isNtfs(source)) return 'ntfs'
  if (isExt(source)) return 'ext'
  if (isApplePartitionMap(source)) return 'apm'
  if (isOldHfs(source)) return 'hfs'
  if (!stands(source, 510, '\x55\xaa')) return undefined
  return isFat(source) ? 'fat' : isPartitionTable(source) ? 'mbr' : undefined
}

/** Whether a UDF file system lies beside that of ISO 9660: each may show files that the other does not (ECMA-167 part 2, 9.1). */
export function holdsUdf(source: ByteSource): boolean {
  const [first, last] = [32768, 32768 + 16 * 2048]
  for (let place = first; place < last && place < source.size; place += 2048)
    if (stands(source, place + 1, 'NSR0')) return true
  return false
}

/** What may lie in a file of any type, by marks that are no accident: an optical disk, whose first 32 KiB are free, or an Apple disk image, by its trailer. */
export function diskAround(source: ByteSource): FileTypeName | undefined {
  if (stands(source, 32769, 'CD001')) return 'iso'
  if (stands(source, source.size - TRAILER_BYTES, 'koly\0\0\0\x04\0\0\x02\0')) return 'dmg'
  return undefined
}

function stands(source: ByteSource, offset: number, bytes: string): boolean {
  if (offset < 0 || offset + bytes.length > source.size) return false
  return Buffer.from(source.read(offset, bytes.length)).equals(Buffer.from(bytes, 'latin1'))
}

/** Linux, fs/ext4/ext4.h: s_magic, and blocks of 1 to 64 KiB, a state and an error behaviour that exist. */
function isExt(source: ByteSource): boolean {
  const block = readFields(source, 1024, 96)
  if (block === undefined || block.getUint16(56, true) !== 0xef53) return false
  return block.getUint32(24, true) <= 6 && block.getUint32(4, true) > 0 && block.getUint16(60, true) <= 4
}

/** "Inside Macintosh: Files", the master directory block: allocation blocks in whole sectors. */
function isOldHfs(source: ByteSource): boolean {
  const block = readFields(source, 1024, 64)
  if (block === undefined || block.getUint16(0) !== 0x4244) return false
  const bytes = block.getUint32(20)
  return bytes >= SECTOR && bytes % SECTOR === 0 && block.getUint16(18) > 0
}

/** "Inside Macintosh: Devices": block 0 begins with ER, each block of the map with PM. */
function isApplePartitionMap(source: ByteSource): boolean {
  return stands(source, 0, 'ER') && stands(source, SECTOR, 'PM\0\0')
}

/** Section 3.1 of the FAT specification: a jump, sectors and clusters in powers of two, one file allocation table or two. */
function isFat(source: ByteSource): boolean {
  const block = readFields(source, 0, 64)
  if (block === undefined) return false
  const [jump, sector, cluster] = [block.getUint8(0), block.getUint16(11, true), block.getUint8(13)]
  const isPower = (value: number) => value > 0 && (value & (value - 1)) === 0
  if ((jump !== 0xeb && jump !== 0xe9) || !isPower(sector) || sector < 128 || sector > 4096) return false
  const [reserved, tables] = [block.getUint16(14, true), block.getUint8(16)]
  if (!isPower(cluster) || reserved === 0 || tables < 1 || tables > 2) return false
  // A boot sector by itself is a file of many systems.
  const tableSectors = block.getUint16(22, true) || block.getUint32(36, true)
  return (reserved + tables * tableSectors) * sector < source.size
}

/** The boot sector's copy in a file system's own files is none. */
function isNtfs(source: ByteSource): boolean {
  return stands(source, 3, 'NTFS    \0') && source.size >= NTFS_MIN_BYTES
}

/** Four rows that are empty or begin behind the table, and one at least that is not. */
function isPartitionTable(source: ByteSource): boolean {
  const table = readFields(source, 446, 64)
  if (table === undefined) return false
  let used = 0
  for (let row = 0; row < 64; row += 16) {
    const [state, type] = [table.getUint8(row), table.getUint8(row + 4)]
    const [start, length] = [table.getUint32(row + 8, true), table.getUint32(row + 12, true)]
    if ((state & 0x7f) !== 0) return false
    if (type === 0) continue
    if (start === 0 || length === 0 || start * SECTOR >= source.size) return false
    used += 1
  }
  return used > 0
}
