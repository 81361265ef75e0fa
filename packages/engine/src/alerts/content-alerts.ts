/**
 * Which alerts (alerts.ts) a content deserves by what it is, and by each part that comes out of it. Asks only what the caller wants to
 * be told, so that a scan without alerts costs nothing more.
 */

import type { ByteSource } from '../byte-source.ts'
import type { FileTypeName } from '../file-type.ts'
import { isBrokenExecutable } from '../structure/broken-executable.ts'
import type { UnpackedPart } from '../unpack/container.ts'
import { VBA_STREAM } from '../unpack/vba-project.ts'
import {
  type Alert,
  type Alerts,
  brokenExecutable,
  encryptionAlert,
  excelMacros,
  vbaMacros,
} from './alerts.ts'
import { hasMacroSheet } from './document-marks.ts'

/** Streams in which a workbook states its sheets. */
const workbookStreams: ReadonlySet<string> = new Set(['workbook', 'book'])

/** What the content as a whole deserves. Throws what its source throws. */
export function alertsOfContent(source: ByteSource, type: FileTypeName, alerts: Alerts): Alert[] {
  if (alerts.size === 0) return []
  const deserved: Alert[] = []
  if (alerts.has('broken-executables') && isBrokenExecutable(source, type)) deserved.push(brokenExecutable)
  return deserved
}

/** What a part says of the container of this type that it came out of. Throws what its source throws. */
export function alertsOfPart(part: UnpackedPart, type: FileTypeName, alerts: Alerts): Alert[] {
  if (alerts.size === 0) return []
  const deserved: Alert[] = []
  if (part.kind !== 'empty' && part.shortfall?.reason === 'encrypted') {
    const encryption = encryptionAlert(type, alerts)
    if (encryption !== undefined) deserved.push(encryption)
  }
  if (type !== 'ole2' || part.kind !== 'content' || !alerts.has('macros')) return deserved
  const stream = part.label.toLowerCase()
  if (stream === VBA_STREAM) deserved.push(vbaMacros)
  if (workbookStreams.has(stream) && hasMacroSheet(part.content)) deserved.push(excelMacros)
  return deserved
}
