/** ClamAV .ign2: `Name[:md5]`, a signature that is not loaded; with the MD5 only while its line is still that one. */
import { fieldsOf, signatureName } from './line.ts'
import { Refusal } from './pattern.ts'

export interface IgnoredName {
  readonly kind: 'ignore'
  readonly name: string
  /** MD5 of the signature's line in lower-case hexadecimal; undefined for every line of that name. */
  readonly lineMd5: string | undefined
}

/** Reads one line. Throws Refusal. */
export function parseIgn2(line: string): IgnoredName {
  const [name, md5] = fieldsOf(line, ':', 1, 2)
  if (md5 !== undefined && !/^[0-9a-f]{32}$/i.test(md5)) throw new Refusal(`"${md5}" is not an MD5`)
  return { kind: 'ignore', name: signatureName(name), lineMd5: md5?.toLowerCase() }
}
