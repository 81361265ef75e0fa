/**
 * ClamAV .imp: `md5:size:Name`, a PE file known by the MD5 of its list of imports, written in lower case as `library.function` with
 * commas between; the size is that text's.
 */
import { type HashFormat, type HashSignature, parseHashLine } from './hash-line.ts'

const format: HashFormat = { kind: 'hash', tables: { md5: 'importMd5' }, sizeFirst: false }

/** Reads one line. Throws Refusal. */
export function parseImp(line: string): HashSignature | 'skipped' {
  return parseHashLine(line, format)
}
