/**
 * The normalised forms of a content: further contents of the same file, which signatures for text and HTML are matched
 * against. Which types have them, and up to which length, is as clamscan 1.4.6 was seen to do it; DESIGN.md says where this
 * differs. Forms are made one after the other, each only when it is asked for.
 */
import { type ByteSource, bytesSource } from '../byte-source.ts'
import type { FileType, FileTypeName } from '../file-type.ts'
import { ByteOutput } from './byte-output.ts'
import { HtmlNormaliser } from './html.ts'
import { hasHtmlMark } from './html-marks.ts'
import { normaliseScript } from './script.ts'
import { normaliseText } from './text.ts'
import { hasControlUnit, isWide, withoutZeros } from './wide-text.ts'

export interface NormalisedForm {
  /** The ClamAV target whose signatures are tried on it. */
  readonly target: number
  readonly content: ByteSource
  /** Whether hash signatures are for it too. */
  readonly isHashed: boolean
}

const MiB = 1024 * 1024

/** ClamAV's MaxHTMLNormalize, MaxHTMLNoTags and MaxScriptNormalize. */
const HTML_MAX_BYTES = 40 * MiB
const TAGLESS_MAX_BYTES = 8 * MiB
const TEXT_MAX_BYTES = 20 * MiB

/**
 * Scripts of one file whose tokens are looked at, together. Tokens cost some forty bytes for each of a script's; what is
 * longer is found in the form without comments still.
 */
const SCRIPTS_MAX_BYTES = 2 * MiB

/** In data a mark of HTML counts in the first bytes alone: compiled scripts name tags anywhere. */
const DATA_MARK_BYTES = 1024

const ANY_TARGET = 0
export const HTML_TARGET = 3
export const TEXT_TARGET = 7

/** Types in which ClamAV looks for HTML, and those of them that are text whatever they hold. */
const readableTypes: ReadonlySet<FileTypeName> = new Set(['text', 'script', 'html', 'data', 'gif'])
const textTypes: ReadonlySet<FileTypeName> = new Set(['text', 'script', 'html'])

/**
 * The target that a content's own bytes are matched for. Signatures for text and HTML are for the forms; where none are made, those for HTML are tried on
 * the bytes of what is HTML from its beginning and those for text on nothing, as clamscan --normalize=no does it.
 */
export function targetOfBytes(
  source: ByteSource,
  { name, target }: FileType,
  normalises: boolean,
  check: () => void,
): number {
  if (normalises) return target === HTML_TARGET || target === TEXT_TARGET ? ANY_TARGET : target
  if (name === 'data' && hasHtmlMark(firstBytes(source, DATA_MARK_BYTES), check)) return HTML_TARGET
  if (target === HTML_TARGET && isWide(source)) return ANY_TARGET
  return target === TEXT_TARGET ? ANY_TARGET : target
}

/** The forms of a content of this type. `check` is called often, and throws to end the work. */
export function* normalisedForms(
  source: ByteSource,
  type: FileTypeName,
  check: () => void,
): Generator<NormalisedForm> {
  if (source.size > HTML_MAX_BYTES || !readableTypes.has(type)) return
  const isText = textTypes.has(type) || (type === 'data' && !hasControlUnit(source))
  const readable = isText ? withoutZeros(source, check) : source
  const searched = type === 'data' ? firstBytes(source, DATA_MARK_BYTES) : readable
  if (hasHtmlMark(isText ? withoutZeros(searched, check) : searched, check)) yield* htmlForms(readable, check)
  else if (isText && source.size <= TEXT_MAX_BYTES)
    yield { target: TEXT_TARGET, content: bytesSource(normaliseText(readable, check)), isHashed: false }
}

function firstBytes(source: ByteSource, length: number): ByteSource {
  return source.size <= length ? source : bytesSource(source.read(0, length))
}

const BLOCK_BYTES = 64 * 1024

function* htmlForms(source: ByteSource, check: () => void): Generator<NormalisedForm> {
  // A reference to a character may become longer than it is, up to twice.
  const withoutComments = new ByteOutput(2 * source.size, source.size)
  const withoutTags = new ByteOutput(TAGLESS_MAX_BYTES, source.size)
  const scripts: string[] = []
  let scriptBytes = 0
  const normaliser = new HtmlNormaliser({
    withoutComments,
    withoutTags,
    scriptMaxBytes: SCRIPTS_MAX_BYTES,
    onScript(bytes) {
      scriptBytes += bytes.length
      if (scriptBytes <= SCRIPTS_MAX_BYTES) scripts.push(Buffer.from(bytes).toString('latin1'))
    },
  })
  for (let at = 0; at < source.size; at += BLOCK_BYTES) {
    check()
    normaliser.write(source.read(at, Math.min(BLOCK_BYTES, source.size - at)))
  }
  normaliser.end()
  yield { target: HTML_TARGET, content: bytesSource(withoutComments.bytes()), isHashed: true }
  if (!withoutTags.overflowed)
    yield { target: HTML_TARGET, content: bytesSource(withoutTags.bytes()), isHashed: true }
  if (scripts.length === 0) return
  check()
  const content = bytesSource(scriptForm(scripts, check))
  yield { target: HTML_TARGET, content, isHashed: true }
  yield { target: TEXT_TARGET, content, isHashed: false }
}

/** Names are numbered anew, and may be longer than they were; that ends here too. */
function scriptForm(scripts: readonly string[], check: () => void): Uint8Array {
  const output = new ByteOutput(4 * SCRIPTS_MAX_BYTES)
  for (const script of scripts) {
    check()
    normaliseScript(script, output)
  }
  return output.bytes()
}
