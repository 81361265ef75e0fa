/**
 * File types as a set's own rules tell them (ClamAV's .ftm), over what the engine tells by itself. A rule decides for which target's
 * signatures a content is searched. It never decides whether it is opened: what looks like an archive is one, whatever a rule says.
 */
import { TYPE_HEAD_BYTES, type TypeRule } from '@coreward/definitions'
import { type FileType, type FileTypeName, identifyFileType } from './file-type.ts'
import { unpackers } from './unpack/unpackers.ts'

/** ClamAV's types for which there is a target, and our name of them where it has only one. */
const targets: { readonly [type: string]: readonly [target: number, name?: FileTypeName] } = {
  CL_TYPE_MSEXE: [1, 'pe'],
  CL_TYPE_MSOLE2: [2, 'ole2'],
  CL_TYPE_HTML: [3, 'html'],
  CL_TYPE_HTML_UTF16: [3, 'html'],
  CL_TYPE_MAIL: [4, 'mail'],
  CL_TYPE_GRAPHICS: [5],
  CL_TYPE_PNG: [5, 'png'],
  CL_TYPE_GIF: [5, 'gif'],
  CL_TYPE_JPEG: [5, 'jpeg'],
  CL_TYPE_TIFF: [5, 'tiff'],
  CL_TYPE_ELF: [6, 'elf'],
  CL_TYPE_TEXT_ASCII: [7, 'text'],
  CL_TYPE_TEXT_UTF8: [7, 'text'],
  CL_TYPE_TEXT_UTF16BE: [7, 'text'],
  CL_TYPE_TEXT_UTF16LE: [7, 'text'],
  CL_TYPE_SCRIPT: [7, 'script'],
  CL_TYPE_MACHO: [9, 'mach-o'],
  CL_TYPE_MACHO_UNIBIN: [9, 'universal'],
  CL_TYPE_PDF: [10, 'pdf'],
  CL_TYPE_SWF: [11, 'flash'],
  CL_TYPE_JAVA: [12, 'java-class'],
}

/**
 * Of several patterns that fit, that of the highest type decides. Each row goes before those above it; every type that stands in none belongs
 * to the last. Measured with clamscan 1.4.6, two rules at a time.
 */
const rows = [
  'TEXT_ASCII TEXT_UTF8 TEXT_UTF16LE TEXT_UTF16BE BINARY_DATA',
  'MSEXE',
  'ELF',
  'MACHO MACHO_UNIBIN',
  'POSIX_TAR OLD_TAR CPIO_OLD CPIO_ODC CPIO_NEWC CPIO_CRC GZ ZIP BZ RAR ARJ MSSZDD MSOLE2 MSCAB MSCHM SIS SCRENC',
  'GRAPHICS GIF PNG JPEG TIFF',
  'RIFF BINHEX TNEF CRYPTFF',
  'PDF',
  'UUENCODED SCRIPT HTML_UTF16 RTF 7Z',
  'SWF',
  'JAVA',
  'XAR XZ OOXML_WORD OOXML_PPT OOXML_XL OOXML_HWP INTERNAL HWP3 PS EGG ONENOTE PYTHON_COMPILED LHA_LZH MBR',
  'HTML',
  'MAIL',
].map((row) => row.split(' ').map((name) => `CL_TYPE_${name}`))

const ranks = new Map(rows.flatMap((row, rank) => row.map((type) => [type, rank])))

/** A program that is found goes before whatever was found before it, and counts for less than what is found behind it. */
const PROGRAM = 'CL_TYPE_MSEXE'

/** What ClamAV knows no magic of type 0 for: only then patterns are asked. */
const unclear: readonly FileTypeName[] = ['text', 'script', 'html', 'mail', 'data']

/** Names a content's type from its first bytes, by the rules first. */
export function identifyByRules(head: Uint8Array, rules: readonly TypeRule[]): FileType {
  const own = identifyFileType(head)
  if (rules.length === 0 || head.length === 0) return own
  const text = Buffer.from(head.subarray(0, TYPE_HEAD_BYTES)).toString('latin1')
  // The last that fits: later files of a set correct earlier ones.
  const direct = rules.findLast(({ isPattern, endIn }) => !isPattern && endIn(text) !== -1)
  const type = direct === undefined ? own : typed(direct, own)
  if (direct === undefined ? !unclear.includes(own.name) : !saysUnclear(direct)) return type
  const pattern = decisive(
    rules.filter(({ isPattern, from }) => isPattern && (from === undefined || from === clamavTypeOf(type))),
    { text, rank: rankOfOwn(type) },
  )
  return pattern === undefined ? type : typed(pattern, type)
}

/** The rule that decides, if one says more than what is known by itself. */
function decisive(
  rules: readonly TypeRule[],
  known: { readonly text: string; readonly rank: number },
): TypeRule | undefined {
  const hits = rules.flatMap((rule) => {
    const end = rule.endIn(known.text)
    return end === -1 ? [] : [{ rule, end }]
  })
  let { rank } = known
  let best: TypeRule | undefined
  for (const { rule } of hits.sort((a, b) => a.end - b.end || rankOf(a.rule) - rankOf(b.rule))) {
    if (rule.type !== PROGRAM && rankOf(rule) <= rank) continue
    best = rule
    rank = rankOf(rule)
  }
  return best
}

function typed({ type }: TypeRule, own: FileType): FileType {
  const [target, name = own.name] = targets[type] ?? [0]
  // The name says what is opened and how: an archive keeps its own.
  if (isContainer(own.name) || (target === 1 && own.name === 'dos')) return { name: own.name, target }
  return { name: target === 0 ? own.name : name, target }
}

function isContainer(name: FileTypeName): boolean {
  return unpackers[name] !== undefined
}

function saysUnclear({ type }: TypeRule): boolean {
  return type.startsWith('CL_TYPE_TEXT_') || type === 'CL_TYPE_BINARY_DATA'
}

function clamavTypeOf({ name }: FileType): string {
  return name === 'data' ? 'CL_TYPE_BINARY_DATA' : 'CL_TYPE_TEXT_ASCII'
}

function rankOf({ type }: TypeRule): number {
  return ranks.get(type) ?? rows.length
}

/** What the engine itself took for HTML or mail, ClamAV's own patterns would have. */
function rankOfOwn({ name }: FileType): number {
  return (name === 'html' || name === 'mail' ? ranks.get(`CL_TYPE_${name.toUpperCase()}`) : undefined) ?? 0
}
