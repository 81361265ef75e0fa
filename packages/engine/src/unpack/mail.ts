/**
 * Mail as a container (RFC 5322, MIME; several in one file as in mbox): each part is a content, decoded, and so are the files that
 * stand uuencoded in its texts. What a part's header says of its kind decides nothing: that is told from its bytes.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { bytesSource } from '../byte-source.ts'
import type { EntryFacts } from '../entry-match.ts'
import { entryLabel } from '../inner-path.ts'
import { unpackBinhexWithin } from './binhex.ts'
import type { Shortfall, UnpackedPart } from './container.ts'
import { decodePart } from './mail-encoding.ts'
import { type MailPart, readMailStructure } from './mail-structure.ts'
import { beginsUuencoded, uuencodedFiles } from './mail-uuencode.ts'
import { sliceSource } from './slice-source.ts'
import { yencodedFiles } from './yenc.ts'

/** The parts of a mail, in their order. */
export function unpackMail(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  return unpackParts(source, budget, () => true)
}

/** The parts of mails that stand in a content of another type, which is itself the text as a whole. */
export function unpackMailsWithin(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  return unpackParts(source, budget, ({ isWhole, isBody, encoding }) => {
    return !(isWhole && isBody && encoding === 'identity')
  })
}

async function* unpackParts(
  source: ByteSource,
  budget: Budget,
  isWanted: (part: MailPart) => boolean,
): AsyncGenerator<UnpackedPart> {
  const { parts, shortfalls } = readMailStructure(source, budget)
  for (const shortfall of shortfalls) yield { kind: 'unscanned', shortfall }
  for (const [index, part] of parts.entries()) {
    budget.check()
    if (!isWanted(part)) continue
    const label = entryLabel(part.name ?? `part ${index + 1}`)
    const { content, shortfall } = contentOf(source, part, budget)
    // As clamscan 1.4.6 was seen to count: no place among the parts, and one size.
    const facts: EntryFacts = {
      container: 'CL_TYPE_MAIL',
      containerSize: source.size,
      name: part.name ?? '',
      sizeInContainer: content.size,
      realSize: content.size,
      encrypted: false,
      position: 0,
    }
    const entry = part.isBody && part.encoding === 'identity' ? {} : { entry: facts }
    if (content.size > 0)
      yield {
        kind: 'content',
        label,
        content,
        isShown: part.isShown,
        isRead: part.isWhole,
        ...entry,
        ...(shortfall === undefined ? {} : { shortfall }),
      }
    if (part.isDoubtful && looksLikeBase64(content)) {
      const decoded = decodePart(source, part, 'base64', budget)
      yield { kind: 'content', label, content: bytesSource(decoded.bytes), ...entry }
    }
    const isText = part.encoding === 'identity' || part.encoding === 'quoted-printable'
    // One that begins with such a file is opened for what it is.
    if (isText && !beginsUuencoded(content)) {
      yield* uuencodedFiles(content, budget)
      yield* yencodedFiles(content, budget)
      yield* unpackBinhexWithin(content, budget)
    }
  }
}

/** Lines end as LF in what is no binary, which needs no copy where they do. */
function contentOf(
  source: ByteSource,
  part: MailPart,
  budget: Budget,
): {
  readonly content: ByteSource
  readonly shortfall?: Shortfall
} {
  const { start, end, encoding } = part
  if (encoding === 'binary' || (encoding === 'identity' && !hasCarriageReturn(source, part, budget)))
    return { content: sliceSource(source, start, end - start) }
  const { bytes, shortfall } = decodePart(source, part, encoding, budget)
  return { content: bytesSource(bytes), ...(shortfall === undefined ? {} : { shortfall }) }
}

const base64Line = /^\s*[A-Za-z0-9+/]{16,}={0,2}[ \t]*(?:\r?\n|$)/

/** By its first line. ClamAV decodes attachments that do not say how they are encoded. */
function looksLikeBase64(content: ByteSource): boolean {
  return base64Line.test(Buffer.from(content.read(0, Math.min(1024, content.size))).toString('latin1'))
}

const BLOCK_BYTES = 256 * 1024

function hasCarriageReturn(source: ByteSource, { start, end }: MailPart, budget: Budget): boolean {
  for (let at = start; at < end; at += BLOCK_BYTES) {
    budget.check()
    if (source.read(at, Math.min(BLOCK_BYTES, end - at)).includes(0x0d)) return true
  }
  return false
}
