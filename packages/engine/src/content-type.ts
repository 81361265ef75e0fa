/** The type of a content, by its first bytes: a set's own rules are asked first. */
import type { Definitions } from '@coreward/definitions'
import type { ByteSource } from './byte-source.ts'
import { type FileType, IDENTIFY_BYTES } from './file-type.ts'
import { identifyByRules } from './type-rules.ts'

/** Names a content's type from its beginning. */
export function contentType(source: ByteSource, { typeRules }: Pick<Definitions, 'typeRules'>): FileType {
  return identifyByRules(source.read(0, Math.min(IDENTIFY_BYTES, source.size)), typeRules)
}
