/** The type of a content, by its first bytes: a set's own rules are asked first. What nobody knows may be the image of a disk. */
import type { Definitions } from '@coreward/definitions'
import type { ByteSource } from './byte-source.ts'
import { identifyDisk } from './disk-type.ts'
import { type FileType, IDENTIFY_BYTES } from './file-type.ts'
import { TEXT_TARGET } from './normalise/forms.ts'
import { identifyByRules } from './type-rules.ts'

/** Names a content's type from its beginning. */
export function contentType(source: ByteSource, { typeRules }: Pick<Definitions, 'typeRules'>): FileType {
  const type = identifyByRules(source.read(0, Math.min(IDENTIFY_BYTES, source.size)), typeRules)
  const disk = type.name === 'data' ? identifyDisk(source) : undefined
  return disk === undefined ? type : { ...type, name: disk }
}

/** Names a content's type where it lies: what its container knows goes before what its bytes say. */
export function typeAt(
  source: ByteSource,
  { isRead = false, type: known }: { readonly isRead?: boolean; readonly type?: FileType },
  definitions: Pick<Definitions, 'typeRules'>,
): FileType {
  if (known !== undefined) return known
  const type = contentType(source, definitions)
  return isRead && type.name === 'mail' ? { name: 'text', target: TEXT_TARGET } : type
}
