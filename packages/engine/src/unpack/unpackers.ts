/**
 * Which container is opened by what, as plain data, and which containers are known and not opened: those are reported as
 * `unsupported`, because their compressed content was not looked at.
 */
import type { FileTypeName } from '../file-type.ts'
import { unpackBinhex } from './binhex.ts'
import type { Unpack } from './container.ts'
import { unpackEncodedScript } from './encoded-script.ts'
import { unpackGzip } from './gzip.ts'
import { unpackDataAddresses } from './html-data.ts'
import { unpackMail } from './mail.ts'
import { uuencodedFiles } from './mail-uuencode.ts'
import { unpackOle2 } from './ole2.ts'
import { unpackRtf } from './rtf.ts'
import { unpackSevenZip } from './seven-zip.ts'
import { unpackTar } from './tar.ts'
import { unpackTnef } from './tnef.ts'
import { unpackUniversal } from './universal.ts'
import { unpackZip } from './zip.ts'

export const unpackers: Readonly<Partial<Record<FileTypeName, Unpack>>> = {
  zip: unpackZip,
  gzip: unpackGzip,
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
  '7z': unpackSevenZip,
}

export const unopenedContainers: ReadonlySet<FileTypeName> = new Set([
  'bzip2',
  'xz',
  'zstd',
  'lz4',
  'rar',
  'arj',
  'lha',
  'cab',
  'deb',
  'rpm',
  'squashfs',
])
