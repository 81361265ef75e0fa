/** ClamAV .hdb: `md5:size:Name`, a file known by its MD5. */
import { type HashSignature, parseHashLine } from './hash-line.ts'

/** Reads one line. Throws Refusal. */
export function parseHdb(line: string): HashSignature | 'skipped' {
  return parseHashLine(line, 'hash', ['md5'])
}
