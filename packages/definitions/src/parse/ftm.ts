/**
 * ClamAV .ftm: how file types are told from their first bytes (ClamAV manual, "File Type Magic"):
 * `magictype:offset:magicbytes:name:rtype:type[:min_flevel[:max_flevel]]`. Magic of type 0 is compared as it stands, that of type 1 is a
 * pattern and is looked for where type 0 told no more than text or data; clamscan 1.4.6 looks at the first 1,024 bytes for either.
 */
import { clamavType } from './clamav-types.ts'
import { headPattern } from './head-pattern.ts'
import { fieldsOf, levelFits } from './line.ts'
import { Refusal } from './pattern.ts'
import { parseOffset } from './place.ts'

/** The bytes that are looked at. */
export const TYPE_HEAD_BYTES = 1024

export interface TypeRule {
  /** The fields before the levels. */
  readonly conditions: string
  /** Whether it is of type 1, which comes after the others. */
  readonly isPattern: boolean
  /** ClamAV's name of the type that a content must have been taken for; undefined for any. */
  readonly from: string | undefined
  /** ClamAV's name of the type that it then has. */
  readonly type: string
  /** Where in a head, given in latin1, the magic ends for the last time; -1 where there is none. */
  readonly endIn: (head: string) => number
}

export interface FileTypeMagic extends TypeRule {
  readonly kind: 'type'
}

/** Reads one line. Throws Refusal. */
export function parseFtm(line: string): FileTypeMagic | 'skipped' {
  const fields = fieldsOf(line, ':', 6, 8)
  const [least, most] = fields.splice(6)
  const rule = parseTypeRule(fields)
  return levelFits(least, most) ? { kind: 'type', ...rule } : 'skipped'
}

/** Reads the fields before the levels. Throws Refusal. */
export function parseTypeRule(fields: readonly string[]): TypeRule {
  if (fields.length !== 6) throw new Refusal(`${fields.length} fields where 6 belong`)
  const [magicType, offset, magic, , from, to] = fields as [string, string, string, string, string, string]
  const named = {
    conditions: fields.join(':'),
    isPattern: magicType === '1',
    from: clamavType(from) === 'CL_TYPE_ANY' ? undefined : from,
    type: clamavType(to),
  }
  if (magicType === '0') return { ...named, endIn: fixedMagic(offset, magic) }
  if (magicType === '1') return { ...named, endIn: headPattern(magic, parseOffset(offset, 0)) }
  if (magicType === '4')
    throw new Refusal('magic of type 4 tells partitions, and images of disks are not opened')
  throw new Refusal(`"${magicType}" is not a type of magic`)
}

function fixedMagic(offset: string, magic: string): TypeRule['endIn'] {
  if (!/^\d{1,9}$/.test(offset)) throw new Refusal(`"${offset}" is not an offset`)
  if (magic === '') throw new Refusal('the magic is empty, which every file has')
  if (magic.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(magic))
    throw new Refusal(`"${magic}" is not a row of bytes in hexadecimal`)
  const bytes = Buffer.from(magic, 'hex').toString('latin1')
  const start = Number(offset)
  return (head) => (head.startsWith(bytes, start) ? start + bytes.length : -1)
}
