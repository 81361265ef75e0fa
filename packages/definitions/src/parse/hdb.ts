/** ClamAV .hdb: `md5:size:Name`, a file known by its MD5. */
import { type HashFormat, type HashSignature, parseHashLine } from './hash-line.ts'

const format: HashFormat = { kind: 'hash', tables: { md5: 'fileMd5' }, sizeFirst: false }

/** Reads one line. Throws Refusal. */
export function parseHdb(line: string): HashSignature | 'skipped' {
  return parseHashLine(line, format)
}
