/** ClamAV .hsb: `sha1-or-sha256:size:Name`, a file known by its SHA-1 or SHA-256. */
import { type HashFormat, type HashSignature, parseHashLine } from './hash-line.ts'

const format: HashFormat = {
  kind: 'hash',
  tables: { sha1: 'fileSha1', sha256: 'fileSha256' },
  sizeFirst: false,
}

/** Reads one line. Throws Refusal. */
export function parseHsb(line: string): HashSignature | 'skipped' {
  return parseHashLine(line, format)
}
