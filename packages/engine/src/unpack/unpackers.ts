/** Which container is opened by what, as plain data. */
import type { FileTypeName } from '../file-type.ts'
import { unpackBinhex } from './binhex.ts'
import { unpackBzip2 } from './bzip2.ts'
import { unpackCompress } from './compress.ts'
import type { Unpack } from './container.ts'
import { unpackEncodedScript } from './encoded-script.ts'
import { unpackGzip } from './gzip.ts'
import { unpackDataAddresses } from './html-data.ts'
import { libraryUnpackers } from './library-formats.ts'
import { unpackLz4 } from './lz4.ts'
import { unpackLzip, unpackLzma } from './lzma.ts'
import { unpackMail } from './mail.ts'
import { uuencodedFiles } from './mail-uuencode.ts'
import { unpackOle2 } from './ole2.ts'
import { unpackApm, unpackGpt, unpackMbr } from './partitions.ts'
import { unpackRtf } from './rtf.ts'
import { unpackTar } from './tar.ts'
import { unpackTnef } from './tnef.ts'
import { unpackUniversal } from './universal.ts'
import { unpackXz } from './xz.ts'
import { unpackZip } from './zip.ts'
import { unpackZstd } from './zstd.ts'

export const unpackers: Readonly<Partial<Record<FileTypeName, Unpack>>> = {
  zip: unpackZip,
  gzip: unpackGzip,
  bzip2: unpackBzip2,
  xz: unpackXz,
  lzma: unpackLzma,
  lzip: unpackLzip,
  zstd: unpackZstd,
  lz4: unpackLz4,
  compress: unpackCompress,
  tar: unpackTar,
  universal: unpackUniversal,
  ole2: unpackOle2,
  mail: unpackMail,
  html: unpackDataAddresses,
  uuencoded: uuencodedFiles,
  rtf: unpackRtf,
  binhex: unpackBinhex,
  tnef: unpackTnef,
  'encoded-script': unpackEncodedScript,
  ...libraryUnpackers,
  mbr: unpackMbr,
  gpt: unpackGpt,
  apm: unpackApm,
}
