/**
 * What a file is, told from its first bytes and never from its name, which an attacker chooses. Each type carries the
 * number of the ClamAV target that signatures name (ClamAV manual, "Signatures", Target types). A wrong guess must never
 * hide content: signatures for target 0 are tried on every type.
 */
import { bytesSource } from './byte-source.ts'
import { isSignedMessage } from './message-type.ts'
import { headHoldsPdf } from './pdf/pdf-mark.ts'
import { findPeSignature, statedPeOffset } from './structure/pe-header.ts'

export type FileTypeName =
  | 'empty'
  | 'data'
  | 'text'
  | 'script'
  | 'html'
  | 'mail'
  | 'pe'
  | 'dos'
  | 'elf'
  | 'mach-o'
  | 'universal'
  | 'java-class'
  | 'ole2'
  | 'pdf'
  | 'flash'
  | 'png'
  | 'jpeg'
  | 'gif'
  | 'bmp'
  | 'tiff'
  | 'webp'
  | 'zip'
  | 'gzip'
  | 'tar'
  | 'bzip2'
  | 'xz'
  | 'zstd'
  | 'lz4'
  | 'lzma'
  | 'lzip'
  | 'compress'
  | 'szdd'
  | 'sis'
  | 'installshield'
  | '7z'
  | 'rar'
  | 'arj'
  | 'lha'
  | 'cab'
  | 'ar'
  | 'rpm'
  | 'cpio'
  | 'squashfs'
  | 'chm'
  | 'nsis'
  | 'wim'
  | 'xar'
  | 'iso'
  | 'udf'
  | 'dmg'
  | 'mbr'
  | 'gpt'
  | 'apm'
  | 'fat'
  | 'ntfs'
  | 'ext'
  | 'hfs'
  | 'apfs'
  | 'cramfs'
  | 'virtual-disk'
  | 'postscript'
  | 'rtf'
  | 'binhex'
  | 'encoded-script'
  | 'uuencoded'
  | 'riff'
  | 'tnef'
  | 'macros'
  | 'onenote'
  | 'shell-link'
  | 'outlook-store'
  | 'signed-message'

/** A type and the ClamAV target number its signatures use; 0 when no target stands for it. */
export interface FileType {
  readonly name: FileTypeName
  readonly target: number
}

/** How many first bytes the identification looks at. A tar header is the longest thing it reads whole. */
export const IDENTIFY_BYTES = 4096

type Magic = readonly [name: FileTypeName, target: number, offset: number, bytes: string]

/** Magic numbers as latin-1 strings. The first that fits wins, so the longer stand before their prefixes. */
const magics: readonly Magic[] = [
  ['elf', 6, 0, '\x7fELF'],
  ['zip', 0, 0, 'PK\x03\x04'],
  ['zip', 0, 0, 'PK\x05\x06'],
  ['zip', 0, 0, 'PK\x07\x08PK\x03\x04'],
  ['zip', 0, 0, 'PK00PK\x03\x04'],
  ['gzip', 0, 0, '\x1f\x8b\x08'],
  ['ole2', 2, 0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  ['pdf', 10, 0, '%PDF-'],
  ['mach-o', 9, 0, '\xfe\xed\xfa\xce'],
  ['mach-o', 9, 0, '\xfe\xed\xfa\xcf'],
  ['mach-o', 9, 0, '\xce\xfa\xed\xfe'],
  ['mach-o', 9, 0, '\xcf\xfa\xed\xfe'],
  ['png', 5, 0, '\x89PNG\r\n\x1a\n'],
  ['jpeg', 5, 0, '\xff\xd8\xff'],
  ['gif', 5, 0, 'GIF87a'],
  ['gif', 5, 0, 'GIF89a'],
  ['tiff', 5, 0, 'II*\0'],
  ['tiff', 5, 0, 'MM\0*'],
  ['webp', 0, 8, 'WEBP'],
  ['flash', 11, 0, 'FWS'],
  ['flash', 11, 0, 'CWS'],
  ['flash', 11, 0, 'ZWS'],
  ['sis', 0, 0, '\x7a\x1a\x20\x10'],
  ['sis', 0, 8, '\x19\x04\0\x10'],
  ['installshield', 0, 0, 'ISc('],
  ['szdd', 0, 0, 'SZDD\x88\xf0\x27\x33'],
  ['xz', 0, 0, '\xfd7zXZ\0'],
  ['zstd', 0, 0, '\x28\xb5\x2f\xfd'],
  ['lz4', 0, 0, '\x04\x22\x4d\x18'],
  ['lz4', 0, 0, '\x02\x21\x4c\x18'],
  ['lzip', 0, 0, 'LZIP\x01'],
  ['7z', 0, 0, '7z\xbc\xaf\x27\x1c'],
  ['rar', 0, 0, 'Rar!\x1a\x07'],
  ['cab', 0, 0, 'MSCF\0\0\0\0'],
  ['ar', 0, 0, '!<arch>\n'],
  ['rpm', 0, 0, '\xed\xab\xee\xdb'],
  ['squashfs', 0, 0, 'hsqs'],
  ['tnef', 0, 0, '\x78\x9f\x3e\x22'],
  ['squashfs', 0, 0, 'sqsh'],
  ['chm', 0, 0, 'ITSF\x03\0\0\0\x60\0\0\0'],
  ['nsis', 0, 4, '\xef\xbe\xad\xdeNullsoftInst'],
  ['wim', 0, 0, 'MSWIM\0\0\0'],
  ['xar', 0, 0, 'xar!\0'],
  ['virtual-disk', 0, 0, 'KDMV'],
  ['virtual-disk', 0, 0, 'QFI\xfb\0\0\0'],
  ['virtual-disk', 0, 0, 'vhdxfile'],
  ['virtual-disk', 0, 0, 'conectix\0\0'],
  ['onenote', 0, 0, '\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3'],
  ['shell-link', 0, 0, '\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46'],
  ['outlook-store', 0, 0, '!BDN'],
  ['riff', 0, 0, 'RIFF'],
  ['riff', 0, 0, 'RIFX'],
  // What reads like text and is none to ClamAV: it has no normalised forms, and no mail is looked for in it.
  ['postscript', 0, 0, '%!PS-Adobe-'],
  ['rtf', 0, 0, '{\\rt'],
  ['binhex', 0, 0, '(This file must be converted with BinHex'],
  ['encoded-script', 0, 0, '#@~^'],
]

/** Types whose magic is too short to stand alone: what follows it must fit as well. */
const shapes: readonly (readonly [name: FileTypeName, fits: (text: string) => boolean])[] = [
  // Behind the level a block, or the end of an empty stream.
  ['bzip2', (text) => /^BZh[1-9]/.test(text) && ['1AY&SY', '\x17rE8P\x90'].includes(text.slice(4, 10))],
  // A frame to be passed over may come first.
  ['zstd', (text) => text.startsWith('*M\x18', 1) && /^[P-_]/.test(text)],
  ['compress', (text) => text.startsWith('\x1f\x9d') && isCodeLength(text.charCodeAt(2) & 0x7f)],
  ['lzma', isLzma],
  ['arj', (text) => text.startsWith('\x60\xea') && text.startsWith('\x02', 10)],
  ['lha', (text) => /^-lh[0-9ds]-/.test(text.slice(2, 7))],
  ['cpio', (text) => /^07070[127][0-9a-f]{6}/i.test(text) || isOldCpio(text)],
  ['signed-message', isSignedMessage],
  ['uuencoded', (text) => /^begin [0-7]{3,6} \S/.test(text)],
]

const htmlStart = /<(?:!doctype\s+html|html|head|body|iframe|script|title|meta|table|frameset)[\s>]/i
/** What makes a page of binary data too, as clamscan 1.4.6 was seen to tell; the others are met in programs' own data. */
const htmlInData = /<(?:html>|(?:head|iframe|script|table)[\s>])/i
const HTML_HEAD_BYTES = 1024

/** What a mail begins with, and what stands in its first lines, as clamscan 1.4.6 was seen to tell them. Letters' cases count. */
const mailStart =
  /^(?:From: |>?From |To: |Subject: |Date: |For: |Received: |Return-[Pp]ath: |Delivered-To: |Delivery-date: |Envelope-to: |Message-I[Dd]: |X-Original-To: |X-Apparently-To: |X-Envelope-From: |X-Real-To: |X-UIDL: |X-Sieve: |X-EVS|X-Symantec-|Hi\. This is the qmail-send)/
const mailLine = /\n(?:[Ff]rom|[Rr]eceived|[Mm]essage-[Ii]d): /
/** Stock opens what holds this line as a mail, and tries no signature for mails on it. */
const mimeLine = /(?:^|\n)[Mm][Ii][Mm][Ee]-[Vv]ersion: /
const MAIL_HEAD_BYTES = 1024

/**
 * Names the type of a content from its first bytes (give `IDENTIFY_BYTES` of them where there are as many).
 * Total: anything it does not know is `data`, or `text` when it reads like text.
 */
export function identifyFileType(head: Uint8Array): FileType {
  if (head.length === 0) return { name: 'empty', target: 0 }
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, IDENTIFY_BYTES)).toString(
    'latin1',
  )
  // MZ alone is enough for ClamAV's MSEXE; a broken header is the more reason to look.
  if (text.startsWith('MZ')) return { name: mayBePe(head) ? 'pe' : 'dos', target: 1 }
  if (text.startsWith('\xca\xfe\xba\xbe') && text.length >= 8) {
    // A class file and a universal Mach-O share this magic. Next stands a class's version, 45 or more, or a number of
    // programs, which is always small. The border is clamscan's.
    return text.charCodeAt(7) >= 32 ? { name: 'java-class', target: 12 } : { name: 'universal', target: 9 }
  }
  for (const [name, target, offset, bytes] of magics) {
    if (text.startsWith(bytes, offset)) return { name, target }
  }
  for (const [name, fits] of shapes) {
    if (fits(text)) return { name, target: 0 }
  }
  if (isTarHeader(text)) return { name: 'tar', target: 0 }
  // A bitmap's two letters alone would claim text; its reserved words must be zero too.
  if (text.startsWith('BM') && text.startsWith('\0\0\0\0', 6)) return { name: 'bmp', target: 5 }
  return identifyText(text)
}

/** The old binary form in either order of bytes (cpio(5) of BSD): a kind of file that exists, and a name that ends where it says. */
function isOldCpio(text: string): boolean {
  const isLittle = text.startsWith('\xc7\x71')
  if (!isLittle && !text.startsWith('\x71\xc7')) return false
  const bytes = Buffer.from(text.slice(0, 26), 'latin1')
  if (bytes.length < 26) return false
  const field = (place: number) => (isLittle ? bytes.readUInt16LE(place) : bytes.readUInt16BE(place))
  const [kind, nameBytes] = [field(6) >> 12, field(20)]
  return [1, 2, 4, 6, 8, 10, 12].includes(kind) && text.indexOf('\0', 26) === 25 + nameBytes
}

/**
 * Whether a PE header follows the MS-DOS stub, or may follow behind the bytes that were given. Without one it is a program
 * for MS-DOS, 16-bit Windows or OS/2, or damaged.
 */
function mayBePe(head: Uint8Array): boolean {
  const source = bytesSource(head)
  const offset = statedPeOffset(source)
  if (offset === undefined) return false
  if (offset + 4 > head.length) return head.length >= IDENTIFY_BYTES
  return findPeSignature(source) !== undefined
}

/** What the program compress makes its longest codes, behind a bit for its own use. */
function isCodeLength(bits: number): boolean {
  return bits >= 9 && bits <= 16
}

/**
 * LZMA alone has no magic. Its packers write properties, a dictionary of 2ⁿ or 2ⁿ + 2ⁿ⁻¹ bytes, a size below 256 GiB or unknown, and a stream that
 * begins with 0.
 */
function isLzma(text: string): boolean {
  if (text.length < 14 || text.charCodeAt(0) >= 225 || text.charCodeAt(13) !== 0) return false
  const [, lowest = 0, low = 0, high = 0, highest = 0] = Array.from({ length: 5 }, (_, index) =>
    text.charCodeAt(index),
  )
  const dictionary = (lowest | (low << 8) | (high << 16) | (highest << 24)) >>> 0
  const isUsual = dictionary === 0xffffffff || /^1{1,2}0{11,}$/.test(dictionary.toString(2))
  return isUsual && (text.startsWith('\xff'.repeat(8), 5) || text.startsWith('\0\0\0', 10))
}

/** A POSIX or GNU magic at 257, or the checksum that every older header carries at 148 (POSIX.1-1988, ustar). */
function isTarHeader(text: string): boolean {
  if (text.length < 512) return false
  if (text.startsWith('ustar', 257)) return true
  if (text.charCodeAt(0) === 0) return false
  const stated = /^ *([0-7]{1,7})[ \0]/.exec(text.slice(148, 156))
  if (stated === null) return false
  let sum = 8 * 0x20
  for (let index = 0; index < 512; index += 1) {
    if (index < 148 || index >= 156) sum += text.charCodeAt(index)
  }
  return sum === Number.parseInt(stated[1] ?? '', 8)
}

function identifyText(text: string): FileType {
  // The byte order marks of UTF-16 and UTF-8.
  const wide = text.startsWith('\xff\xfe') || text.startsWith('\xfe\xff')
  const plain = text.startsWith('\xef\xbb\xbf') ? text.slice(3) : text
  const mail = identifyMail(text)
  if (mail !== undefined) return mail
  const pageHead = wide ? plain.replaceAll('\0', '') : plain.slice(0, HTML_HEAD_BYTES)
  const isText = wide || holdsTextOnly(plain)
  const isPage = (isText ? htmlStart : htmlInData).test(pageHead)
  if (!isPage && headHoldsPdf(text)) return { name: 'pdf', target: 10 }
  if (plain.startsWith('#!') || /^\s*<\?(?:php|=)/i.test(plain)) return { name: 'script', target: 7 }
  if (isPage) return { name: 'html', target: 3 }
  return isText ? { name: 'text', target: 7 } : { name: 'data', target: 0 }
}

function holdsTextOnly(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    // Control characters that text does not hold; tab to carriage return, and escape (terminal colours), it does.
    if (code < 0x20 && !(code >= 0x09 && code <= 0x0d) && code !== 0x1b) return false
  }
  return true
}

function identifyMail(text: string): FileType | undefined {
  const head = text.slice(0, MAIL_HEAD_BYTES)
  if (mailStart.test(head) || mailLine.test(head)) return { name: 'mail', target: 4 }
  return mimeLine.test(head) ? { name: 'mail', target: 0 } : undefined
}
