/** Which container is opened by what, as plain data. */
import type { FileTypeName } from '../file-type.ts'
import { unpackPdf } from '../pdf/pdf.ts'
import { unpackBinhex } from './binhex.ts'
import type { Unpack, UnpackedPart } from './container.ts'
import { tellingEncryption } from './document-encryption.ts'
import { unpackEncodedScript } from './encoded-script.ts'
import { unpackGzip } from './gzip.ts'
import { unpackDataAddresses } from './html-data.ts'
import { libraryUnpackers } from './library-formats.ts'
import { unpackLz4 } from './lz4.ts'
import { unpackMail } from './mail.ts'
import { uuencodedFiles } from './mail-uuencode.ts'
import { unpackOle2 } from './ole2.ts'
import { unpackOneNote } from './onenote.ts'
import { unpackOutlookStore } from './outlook-store.ts'
import { unpackApm, unpackGpt, unpackMbr } from './partitions.ts'
import { unpackRtf } from './rtf.ts'
import { unpackShellLink } from './shell-link.ts'
import { unpackSignedMessage } from './signed-message.ts'
import { unpackTar } from './tar.ts'
import { unpackTnef } from './tnef.ts'
import { unpackUniversal } from './universal.ts'
import { unpackZip } from './zip.ts'
import { unpackZstd } from './zstd.ts'

/** A format that is known and opened by nobody yet. */
function leave(name: string): Unpack {
  return async function* (): AsyncGenerator<UnpackedPart> {
    yield { kind: 'unscanned', shortfall: { reason: 'unsupported', detail: `${name} is not unpacked` } }
  }
}

export const unpackers: Readonly<Partial<Record<FileTypeName, Unpack>>> = {
  zip: tellingEncryption(unpackZip),
  gzip: unpackGzip,
  zstd: unpackZstd,
  lz4: unpackLz4,
  lzip: leave('lzip'),
  sis: leave('a Symbian installation file'),
  installshield: leave('a cabinet of InstallShield'),
  tar: unpackTar,
  universal: unpackUniversal,
  ole2: unpackOle2,
  mail: unpackMail,
  html: unpackDataAddresses,
  uuencoded: uuencodedFiles,
  rtf: unpackRtf,
  binhex: unpackBinhex,
  tnef: unpackTnef,
  onenote: unpackOneNote,
  'shell-link': unpackShellLink,
  'outlook-store': unpackOutlookStore,
  'signed-message': unpackSignedMessage,
  'encoded-script': unpackEncodedScript,
  ...libraryUnpackers,
  mbr: unpackMbr,
  gpt: unpackGpt,
  apm: unpackApm,
  pdf: unpackPdf,
}
