/**
 * Detections that no signature makes: what a content is, or what kept it from being scanned, told as a detection because the caller asked
 * for it. The names are those that stock clamscan gives (its options --alert-…), so that scripts and allow lists know them.
 */
import type { FileTypeName } from '../file-type.ts'
import type { Detection, UnscannedReason } from '../verdict.ts'

/** What a caller may ask to be told as a detection. */
export const alertNames = [
  /** An archive with an entry that needs a password. */
  'encrypted-archives',
  /** A document that needs a password. */
  'encrypted-documents',
  /** A program whose headers contradict themselves. */
  'broken-executables',
  /** Macros in a document, VBA or Excel 4.0. */
  'macros',
  /** A limit that kept something from being scanned. */
  'exceeded-limits',
  /** A link in a mail that shows a secure address and leads to another. Of watched hosts this is told anyway. */
  'spoofed-ssl',
  /** A link in a mail whose real address has a zero in it. Of watched hosts this is told anyway. */
  'cloaked-links',
] as const

export type AlertName = (typeof alertNames)[number]

export type Alerts = ReadonlySet<AlertName>

export interface Alert {
  readonly signature: string
  readonly description: string
}

const limitAlerts: Readonly<Partial<Record<UnscannedReason, Alert>>> = {
  'too-large': limit('MaxFileSize', 'is larger than its limit'),
  'too-many-entries': limit('MaxFiles', 'holds more entries than the limit'),
  'too-deep': limit('MaxRecursion', 'nests containers deeper than the limit'),
  'budget-exceeded': limit('MaxScanSize', 'unpacks to more than the limit, or costs more work'),
  'compression-ratio': limit('MaxScanSize', 'expands more than the limit'),
  'timed-out': limit('MaxScanTime', 'takes longer than the limit'),
}

const encrypted: Readonly<Partial<Record<FileTypeName, Alert & { readonly name: AlertName }>>> = {
  zip: {
    name: 'encrypted-archives',
    signature: 'Heuristics.Encrypted.Zip',
    description: 'A zip archive with an entry that cannot be read without a password.',
  },
  ole2: {
    name: 'encrypted-documents',
    signature: 'Heuristics.Encrypted.OLE2',
    description: 'An office document that cannot be read without a password.',
  },
  pdf: {
    name: 'encrypted-documents',
    signature: 'Heuristics.Encrypted.PDF',
    description: 'A PDF document that cannot be read without a password.',
  },
}

export const brokenExecutable: Alert = {
  signature: 'Heuristics.Broken.Executable',
  description: 'A program whose headers contradict themselves: damaged, or made to confuse scanners.',
}

export const vbaMacros: Alert = {
  signature: 'Heuristics.OLE2.ContainsMacros.VBA',
  description: 'An office document with macros in Visual Basic for Applications.',
}

export const excelMacros: Alert = {
  signature: 'Heuristics.OLE2.ContainsMacros.XLM',
  description: 'A workbook with a sheet of Excel 4.0 macros.',
}

function limit(name: string, what: string): Alert {
  return {
    signature: `Heuristics.Limits.Exceeded.${name}`,
    description: `Not wholly scanned: it ${what}.`,
  }
}

/** The detection for something left unscanned, if the caller asked for one. */
export function limitAlert(reason: UnscannedReason, alerts: Alerts): Alert | undefined {
  return alerts.has('exceeded-limits') ? limitAlerts[reason] : undefined
}

/** The detection for a container of this type that needs a password, if the caller asked for one. */
export function encryptionAlert(type: FileTypeName, alerts: Alerts): Alert | undefined {
  const alert = encrypted[type]
  return alert !== undefined && alerts.has(alert.name) ? alert : undefined
}

/** An alert as a detection at a place. */
export function alertDetection({ signature, description }: Alert, innerPath: string | undefined): Detection {
  return {
    signature,
    severity: 'low',
    category: 'heuristic',
    description,
    ...(innerPath === undefined ? {} : { innerPath }),
  }
}
