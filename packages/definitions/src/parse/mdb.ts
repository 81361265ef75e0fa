/** ClamAV .mdb: `size:md5:Name`, a section of a PE file known by its size and MD5. */
import { type HashFormat, type HashSignature, parseHashLine } from './hash-line.ts'

const format: HashFormat = { kind: 'hash', tables: { md5: 'sectionMd5' }, sizeFirst: true }

/** Reads one line. Throws Refusal. */
export function parseMdb(line: string): HashSignature | 'skipped' {
  return parseHashLine(line, format)
}
