/**
 * ClamAV's names for the types of contents, as logical signatures name containers and types to scan a content as. Two of our
 * types may be one of ClamAV's, and one for which it has no name is data to it.
 */
import type { HandlerType } from '@coreward/definitions'
import type { ByteSource } from './byte-source.ts'
import type { EntryFacts } from './entry-match.ts'
import type { FileType, FileTypeName } from './file-type.ts'
import { tarType } from './unpack/tar.ts'

const names: Readonly<Record<FileTypeName, string>> = {
  empty: 'CL_TYPE_BINARY_DATA',
  data: 'CL_TYPE_BINARY_DATA',
  text: 'CL_TYPE_TEXT_ASCII',
  script: 'CL_TYPE_TEXT_ASCII',
  html: 'CL_TYPE_HTML',
  mail: 'CL_TYPE_MAIL',
  pe: 'CL_TYPE_MSEXE',
  dos: 'CL_TYPE_MSEXE',
  elf: 'CL_TYPE_ELF',
  'mach-o': 'CL_TYPE_MACHO',
  universal: 'CL_TYPE_MACHO_UNIBIN',
  'java-class': 'CL_TYPE_JAVA',
  ole2: 'CL_TYPE_MSOLE2',
  pdf: 'CL_TYPE_PDF',
  flash: 'CL_TYPE_SWF',
  png: 'CL_TYPE_PNG',
  jpeg: 'CL_TYPE_JPEG',
  gif: 'CL_TYPE_GIF',
  bmp: 'CL_TYPE_GRAPHICS',
  tiff: 'CL_TYPE_TIFF',
  webp: 'CL_TYPE_RIFF',
  zip: 'CL_TYPE_ZIP',
  gzip: 'CL_TYPE_GZ',
  tar: 'CL_TYPE_POSIX_TAR',
  bzip2: 'CL_TYPE_BZ',
  xz: 'CL_TYPE_XZ',
  zstd: 'CL_TYPE_BINARY_DATA',
  lz4: 'CL_TYPE_BINARY_DATA',
  lzma: 'CL_TYPE_BINARY_DATA',
  lzip: 'CL_TYPE_BINARY_DATA',
  compress: 'CL_TYPE_BINARY_DATA',
  szdd: 'CL_TYPE_MSSZDD',
  sis: 'CL_TYPE_SIS',
  installshield: 'CL_TYPE_BINARY_DATA',
  '7z': 'CL_TYPE_7Z',
  rar: 'CL_TYPE_RAR',
  arj: 'CL_TYPE_ARJ',
  lha: 'CL_TYPE_LHA_LZH',
  cab: 'CL_TYPE_MSCAB',
  ar: 'CL_TYPE_BINARY_DATA',
  rpm: 'CL_TYPE_BINARY_DATA',
  cpio: 'CL_TYPE_CPIO_NEWC',
  squashfs: 'CL_TYPE_BINARY_DATA',
  chm: 'CL_TYPE_MSCHM',
  nsis: 'CL_TYPE_NULSFT',
  wim: 'CL_TYPE_BINARY_DATA',
  xar: 'CL_TYPE_XAR',
  iso: 'CL_TYPE_ISO9660',
  udf: 'CL_TYPE_UDF',
  dmg: 'CL_TYPE_DMG',
  mbr: 'CL_TYPE_MBR',
  gpt: 'CL_TYPE_GPT',
  apm: 'CL_TYPE_APM',
  fat: 'CL_TYPE_BINARY_DATA',
  ntfs: 'CL_TYPE_BINARY_DATA',
  ext: 'CL_TYPE_BINARY_DATA',
  hfs: 'CL_TYPE_HFSPLUS',
  apfs: 'CL_TYPE_BINARY_DATA',
  cramfs: 'CL_TYPE_BINARY_DATA',
  'virtual-disk': 'CL_TYPE_BINARY_DATA',
  postscript: 'CL_TYPE_PS',
  rtf: 'CL_TYPE_RTF',
  binhex: 'CL_TYPE_BINHEX',
  'encoded-script': 'CL_TYPE_SCRENC',
  uuencoded: 'CL_TYPE_UUENCODED',
  riff: 'CL_TYPE_RIFF',
  tnef: 'CL_TYPE_TNEF',
  macros: 'CL_TYPE_SCRIPT',
  onenote: 'CL_TYPE_ONENOTE',
  'shell-link': 'CL_TYPE_BINARY_DATA',
  'outlook-store': 'CL_TYPE_BINARY_DATA',
  'signed-message': 'CL_TYPE_BINARY_DATA',
}

/** The name of a content's type, which is the handler's where there is one. */
export function clamavTypeOf({ name }: FileType, source: ByteSource, handler?: HandlerType): string {
  if (handler !== undefined && handler !== 'CL_TYPE_ANY') return handler
  if (name === 'tar') return tarType(source)
  return name === 'cpio' ? cpioType(source) : names[name]
}

/** The old binary form, in octal digits, in hexadecimal ones, and these with sums. */
export function cpioType(source: ByteSource): EntryFacts['container'] {
  const magic = Buffer.from(source.read(0, 6)).toString('latin1')
  if (magic === '070701') return 'CL_TYPE_CPIO_NEWC'
  if (magic === '070702') return 'CL_TYPE_CPIO_CRC'
  return magic === '070707' ? 'CL_TYPE_CPIO_ODC' : 'CL_TYPE_CPIO_OLD'
}

const handled: Readonly<Record<Exclude<HandlerType, 'CL_TYPE_ANY'>, FileType>> = {
  CL_TYPE_7Z: { name: '7z', target: 0 },
  CL_TYPE_ARJ: { name: 'arj', target: 0 },
  CL_TYPE_BINARY_DATA: { name: 'data', target: 0 },
  CL_TYPE_BZ: { name: 'bzip2', target: 0 },
  CL_TYPE_ELF: { name: 'elf', target: 6 },
  CL_TYPE_GIF: { name: 'gif', target: 5 },
  CL_TYPE_GRAPHICS: { name: 'bmp', target: 5 },
  CL_TYPE_GZ: { name: 'gzip', target: 0 },
  CL_TYPE_HTML: { name: 'html', target: 3 },
  CL_TYPE_JAVA: { name: 'java-class', target: 12 },
  CL_TYPE_JPEG: { name: 'jpeg', target: 5 },
  CL_TYPE_LHA_LZH: { name: 'lha', target: 0 },
  CL_TYPE_MACHO: { name: 'mach-o', target: 9 },
  CL_TYPE_MAIL: { name: 'mail', target: 4 },
  CL_TYPE_MSCAB: { name: 'cab', target: 0 },
  CL_TYPE_MSEXE: { name: 'pe', target: 1 },
  CL_TYPE_MSOLE2: { name: 'ole2', target: 2 },
  CL_TYPE_OLD_TAR: { name: 'tar', target: 0 },
  CL_TYPE_PDF: { name: 'pdf', target: 10 },
  CL_TYPE_PNG: { name: 'png', target: 5 },
  CL_TYPE_POSIX_TAR: { name: 'tar', target: 0 },
  CL_TYPE_RAR: { name: 'rar', target: 0 },
  CL_TYPE_SCRIPT: { name: 'script', target: 7 },
  CL_TYPE_SWF: { name: 'flash', target: 11 },
  CL_TYPE_TEXT_ASCII: { name: 'text', target: 7 },
  CL_TYPE_TIFF: { name: 'tiff', target: 5 },
  CL_TYPE_XZ: { name: 'xz', target: 0 },
  CL_TYPE_ZIP: { name: 'zip', target: 0 },
}

/** The type that a signature wants a content scanned as; undefined for whatever its bytes say. */
export function typeOfHandler(handler: HandlerType): FileType | undefined {
  return handler === 'CL_TYPE_ANY' ? undefined : handled[handler]
}
