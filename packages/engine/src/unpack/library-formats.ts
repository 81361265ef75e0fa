/**
 * The formats that the archive library opens (ADR 31), by our names of their types, with the library's.
 */
import type { ByteSource } from '../byte-source.ts'
import { cpioType } from '../clamav-type.ts'
import type { EntryFacts } from '../entry-match.ts'
import type { FileTypeName } from '../file-type.ts'
import type { Unpack } from './container.ts'
import { countedFromZero, type LibraryFormat, libraryArchive, libraryStream } from './library-archive.ts'
import { unpackSevenZip } from './seven-zip.ts'

const formats: Readonly<Partial<Record<FileTypeName, LibraryFormat>>> = {
  arj: { name: 'Arj', container: () => 'CL_TYPE_ARJ' },
  ar: { name: 'Ar' },
  apfs: { name: 'APFS' },
  cab: { name: 'Cab', container: () => 'CL_TYPE_MSCAB', adjust: countedFromZero },
  chm: { name: 'Chm', container: () => 'CL_TYPE_MSCHM' },
  cpio: { name: 'Cpio', container: cpioType },
  cramfs: { name: 'CramFS' },
  dmg: { name: 'Dmg' },
  ext: { name: 'Ext' },
  fat: { name: 'FAT' },
  hfs: { name: 'HFS' },
  iso: { name: 'Iso', container: () => 'CL_TYPE_ISO9660', adjust: withoutFolders },
  lha: { name: 'Lzh' },
  nsis: { name: 'Nsis' },
  ntfs: { name: 'NTFS' },
  rar: { name: rarVersion, container: () => 'CL_TYPE_RAR' },
  rpm: { name: 'Rpm' },
  squashfs: { name: 'SquashFS' },
  udf: { name: 'Udf' },
  'virtual-disk': { name: virtualDiskName },
  wim: { name: 'wim' },
  xar: { name: 'Xar' },
}

/** Streams of one content without a name. */
const streams: Readonly<Partial<Record<FileTypeName, string>>> = {
  bzip2: 'bzip2',
  compress: 'Z',
  lzma: 'lzma',
  szdd: 'MsLZ',
  xz: 'xz',
}

export const libraryUnpackers: Readonly<Partial<Record<FileTypeName, Unpack>>> = {
  '7z': unpackSevenZip,
  ...Object.fromEntries(Object.entries(formats).map(([type, format]) => [type, libraryArchive(format)])),
  ...Object.fromEntries(Object.entries(streams).map(([type, name]) => [type, libraryStream(name)])),
}

/** ClamAV says the name alone of these entries, and not their places. */
function withoutFolders(facts: EntryFacts): EntryFacts {
  const name = facts.name.slice(facts.name.lastIndexOf('/') + 1)
  return { ...facts, name, sizeInContainer: facts.realSize, position: 0 }
}

/** RAR 5 marks itself with a byte more ("RAR 5.0 archive format", RAR 5.0 signature). */
function rarVersion(source: ByteSource): string {
  return (source.read(6, 1)[0] ?? 0) === 1 ? 'Rar5' : 'Rar'
}

const virtualDisks: Readonly<Record<string, string>> = {
  KDMV: 'VMDK',
  'QFI\xfb': 'QCOW',
  vhdx: 'VHDX',
  cone: 'VHD',
}

/** The one without a mark at its beginning is VirtualBox's. */
function virtualDiskName(source: ByteSource): string {
  return virtualDisks[Buffer.from(source.read(0, 4)).toString('latin1')] ?? 'VDI'
}
