/** ClamAV .fp and .sfp: hash lines of contents that are never detected, whatever else matches. */
import { type HashFormat, type HashSignature, parseHashLine } from './hash-line.ts'

const format: HashFormat = {
  kind: 'allow',
  tables: { md5: 'fileMd5', sha1: 'fileSha1', sha256: 'fileSha256' },
  sizeFirst: false,
}

/** Reads one line of a .fp (MD5) or .sfp (SHA-1, SHA-256) file; both may hold either, as in ClamAV. Throws Refusal. */
export function parseFp(line: string): HashSignature | 'skipped' {
  return parseHashLine(line, format)
}
