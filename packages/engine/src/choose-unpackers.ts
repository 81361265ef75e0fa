/** Which unpackers open a content: that of its type, and those of a mail or a PDF in it, and of archives and programs in or behind it. */
import type { Definitions, HandlerType } from '@coreward/definitions'
import type { ByteSource } from './byte-source.ts'
import { clamavTypeOf } from './clamav-type.ts'
import { contentType } from './content-type.ts'
import { diskAround, holdsUdf } from './disk-type.ts'
import { isPackedProgram, programUnpacker } from './emulation/unpack-program.ts'
import type { FileType, FileTypeName } from './file-type.ts'
import { hasHtmlMark } from './normalise/html-marks.ts'
import { unpackPdf } from './pdf/pdf.ts'
import { holdsPdf } from './pdf/pdf-mark.ts'
import type { Unpack } from './unpack/container.ts'
import { type EmbeddedContent, embeddedUnpacker } from './unpack/embedded.ts'
import { holdsDataAddress, unpackDataAddresses } from './unpack/html-data.ts'
import { unpackMailsWithin } from './unpack/mail.ts'
import { holdsMail } from './unpack/mail-mark.ts'
import { unpackers } from './unpack/unpackers.ts'
import { unpackZip } from './unpack/zip.ts'
import { findZip } from './unpack/zip-end.ts'

/** An unpacker, and the types of the containers around what comes out of it. */
interface ChosenUnpacker {
  /** What it opens. */
  readonly kind: FileTypeName
  readonly unpack: Unpack
  readonly containers: readonly string[]
}

/**
 * A zip may hang behind any file; behind a tar it is only the last entry's content, which comes up there. What is an archive by its first
 * bytes has been opened as one before it was scanned as something else.
 */
export function unpackersFor(
  source: ByteSource,
  type: FileType,
  place: {
    readonly containers: readonly string[]
    readonly handler?: HandlerType
    readonly isRead?: boolean
    readonly embedded?: readonly EmbeddedContent[]
    readonly packings?: number
  },
  definitions: Definitions,
  check: () => void,
): readonly ChosenUnpacker[] {
  const isPage = type.name === 'html' || (type.name === 'text' && hasHtmlMark(source, check))
  const unpack = isPage ? unpackDataAddresses : unpackers[type.name]
  const containers = [...place.containers, clamavTypeOf(type, source, place.handler)]
  // A page is a container only where something lies in it.
  const isNone = unpack === undefined || (isPage && !holdsDataAddress(source, check))
  const own: ChosenUnpacker[] = isNone ? [] : [{ kind: type.name, unpack, containers }]
  if (place.isRead !== true && holdsMail(source, type.name))
    own.push({ kind: 'mail', unpack: unpackMailsWithin, containers: [...containers, 'CL_TYPE_MAIL'] })
  if (type.name === 'pe' && isPackedProgram(source))
    own.push({ kind: 'pe', unpack: programUnpacker(place.packings ?? 0), containers })
  own.push(...disksWithin(source, type.name, containers))
  if ((isNone || !isWhole(type.name)) && holdsPdf(source))
    own.push({ kind: 'pdf', unpack: unpackPdf, containers: [...containers, 'CL_TYPE_PDF'] })
  for (const content of place.embedded ?? []) {
    const { name } = content
    const unpack = embeddedUnpacker(content, unpackers[name])
    const around = name === 'pe' ? containers : [...containers, clamavTypeOf({ name, target: 0 }, source)]
    own.push({ kind: name, unpack, containers: around })
  }
  const { name } = place.handler === undefined ? type : contentType(source, definitions)
  if ([type.name, name].some(isArchive) || findZip(source) === undefined) return own
  return [...own, { kind: 'zip', unpack: unpackZip, containers: [...containers, 'CL_TYPE_ZIP'] }]
}

/** File systems that lie in a file besides what it is by its first bytes. */
function disksWithin(
  source: ByteSource,
  name: FileTypeName,
  containers: readonly string[],
): readonly ChosenUnpacker[] {
  const around = diskAround(source)
  const kinds: FileTypeName[] = around === undefined || around === name ? [] : [around]
  if ((name === 'iso' || around === 'iso') && holdsUdf(source)) kinds.push('udf')
  return kinds.flatMap((kind) => {
    const unpack = unpackers[kind]
    if (unpack === undefined) return []
    return [{ kind, unpack, containers: [...containers, clamavTypeOf({ name: kind, target: 0 }, source)] }]
  })
}

/** What is opened as one of these shows a document within it as a part. */
function isWhole(name: FileTypeName): boolean {
  return name !== 'mail' && name !== 'html'
}

function isArchive(name: FileTypeName): boolean {
  return name === 'zip' || name === 'tar'
}
