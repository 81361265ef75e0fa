/** ClamAV .hsb: `sha1-or-sha256:size:Name`, a file known by its SHA-1 or SHA-256. */
import { type HashSignature, parseHashLine } from './hash-line.ts'

/** Reads one line. Throws Refusal. */
export function parseHsb(line: string): HashSignature | 'skipped' {
  return parseHashLine(line, 'hash', ['sha1', 'sha256'])
}
