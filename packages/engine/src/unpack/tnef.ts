/**
 * TNEF ([MS-OXTNEF], sections 2.1.3 and 2.2): what Outlook packs attachments and a mail's formatting into (winmail.dat). Attributes follow one
 * another; each attachment and each text in them is a content, as it lies. Checksums are not compared.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { entryLabel } from '../inner-path.ts'
import { readFields } from '../structure/fields.ts'
import { type Shortfall, tooManyEntries, type UnpackedPart } from './container.ts'
import { compressedRtfPart } from './rtf-compression.ts'
import { sliceSource } from './slice-source.ts'
import { readTnefProperties, type TnefProperty } from './tnef-properties.ts'

/** Signature and key. */
const HEADER_BYTES = 6
/** Level, identifier, length. */
const ATTRIBUTE_BYTES = 9
const CHECKSUM_BYTES = 2

const BODY = 0x0002800c
const MESSAGE_PROPERTIES = 0x00069003
const NEW_ATTACHMENT = 0x00069002
const ATTACHMENT_TITLE = 0x00018010
const ATTACHMENT_DATA = 0x0006800f
const ATTACHMENT_PROPERTIES = 0x00069005
const NAME_MAX_BYTES = 1024

const COMPRESSED_RTF = 0x1009
const HTML_BODY = 0x1013
const ATTACHED = 0x3701
/** What an embedded object begins with: the identifier of its interface. */
const INTERFACE_BYTES = 16
const OBJECT_TYPE = 0x0d

const cut: Shortfall = { reason: 'damaged', detail: 'it breaks off' }

/** Texts and attachments, in their order. Data and properties of one attachment have one name. */
export async function* unpackTnef(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  let attachments = 0
  let title: string | undefined
  /** What came before its name. */
  let waiting: UnpackedPart[] = []
  const named = (): UnpackedPart[] => {
    const label = title ?? `attachment ${attachments}`
    const parts = waiting.map((part) => ({ ...part, label }))
    waiting = []
    return parts
  }
  for (let at = HEADER_BYTES; at < source.size; ) {
    budget.check()
    const header = readFields(source, at, ATTRIBUTE_BYTES)
    // A line's end behind it is no attribute.
    if (header === undefined && source.size - at <= CHECKSUM_BYTES) break
    const id = header?.getUint32(1, true)
    const stated = header?.getUint32(5, true) ?? 0
    const start = at + ATTRIBUTE_BYTES
    const length = Math.min(stated, Math.max(0, source.size - start))
    if (header === undefined || length < stated) waiting.push({ kind: 'unscanned', shortfall: cut })
    at = start + stated + CHECKSUM_BYTES
    if (id === NEW_ATTACHMENT) {
      yield* named()
      attachments += 1
      title = undefined
    } else if (id === ATTACHMENT_TITLE) {
      const text = Buffer.from(source.read(start, Math.min(length, NAME_MAX_BYTES))).toString('latin1')
      title = entryLabel(text.replace(/\0.*$/s, ''))
    } else if (id === ATTACHMENT_DATA || id === BODY) {
      if (!budget.takeEntry()) {
        yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
        return
      }
      const content = sliceSource(source, start, length)
      if (id === BODY) yield { kind: 'content', label: 'text', content }
      else if (length > 0) waiting.push({ kind: 'content', label: '', content })
    } else if (id === ATTACHMENT_PROPERTIES || id === MESSAGE_PROPERTIES) {
      for (const property of readTnefProperties(sliceSource(source, start, length), budget)) {
        const part = propertyPart(property, budget)
        if (part !== undefined && !budget.takeEntry()) {
          yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
          return
        }
        if (part !== undefined && id === MESSAGE_PROPERTIES) yield part
        else if (part !== undefined) waiting.push(part)
      }
    }
  }
  yield* named()
}

function propertyPart(property: TnefProperty | 'cut', budget: Budget): UnpackedPart | undefined {
  if (property === 'cut') return { kind: 'unscanned', shortfall: cut }
  const { id, type, value } = property
  if (id === COMPRESSED_RTF) return compressedRtfPart(value, budget)
  if (id === HTML_BODY) return { kind: 'content', label: 'page', content: value }
  if (id !== ATTACHED) return undefined
  const skipped = type === OBJECT_TYPE ? Math.min(INTERFACE_BYTES, value.size) : 0
  return { kind: 'content', label: 'object', content: sliceSource(value, skipped, value.size - skipped) }
}
