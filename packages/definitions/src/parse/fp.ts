/** ClamAV .fp and .sfp: hash lines of contents that are never detected, whatever else matches. */
import { type HashSignature, parseHashLine } from './hash-line.ts'

/** Reads one line of a .fp (MD5) or .sfp (SHA-1, SHA-256) file; both may hold either, as in ClamAV. Throws Refusal. */
export function parseFp(line: string): HashSignature | 'skipped' {
  return parseHashLine(line, 'allow', ['md5', 'sha1', 'sha256'])
}
