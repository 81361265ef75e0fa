/** ClamAV .msb: `size:sha1-or-sha256:Name`, a section of a PE file known by its size and SHA-1 or SHA-256. */
import { type HashFormat, type HashSignature, parseHashLine } from './hash-line.ts'

const format: HashFormat = {
  kind: 'hash',
  tables: { sha1: 'sectionSha1', sha256: 'sectionSha256' },
  sizeFirst: true,
}

/** Reads one line. Throws Refusal. */
export function parseMsb(line: string): HashSignature | 'skipped' {
  return parseHashLine(line, format)
}
