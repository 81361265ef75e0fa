/** Mails for tests, built in memory, honest and random. Never imported by production code. */
import type { Random } from '../match/random-signatures.fixture.ts'
import { makeGzip, makeZip } from './archives.fixture.ts'

/** The header of a mail without its kind. */
export const MAIL_HEADER = 'From: a@example.net\nTo: b@example.org\nSubject: x\nMIME-Version: 1.0\n'

/** A body in an encoding, with the header lines that say so. */
export function mailPart(header: string, body: Uint8Array | string, encoding = ''): string {
  const bytes = Buffer.from(body)
  const stated = encoding === '' ? '' : `Content-Transfer-Encoding: ${encoding}\n`
  return `${header}\n${stated}\n${encode(bytes, encoding)}`
}

function encode(bytes: Buffer, encoding: string): string {
  if (encoding === 'base64') return bytes.toString('base64').replace(/.{76}/g, '$&\n')
  if (encoding !== 'quoted-printable') return bytes.toString('latin1')
  return bytes
    .toString('latin1')
    .replace(/[^\n -<>-~]/g, (byte) => `=${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
    .replace(/[^\n]{60}(?![0-9A-F]{0,2}\n)/g, '$&=\n')
}

/** A multipart with these parts; its header comes first. */
export function multipart(parts: readonly string[], boundary: string, kind = 'mixed'): string {
  const bodies = parts.map((part) => `--${boundary}\n${part}\n`).join('')
  return `Content-Type: multipart/${kind}; boundary="${boundary}"\n\n${bodies}--${boundary}--\n`
}

/** A file as `uuencode` writes it. */
export function uuencoded(bytes: Uint8Array, name: string): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 45) {
    const some = bytes.subarray(at, at + 45)
    const padded = Buffer.concat([some, Buffer.alloc((3 - (some.length % 3)) % 3)])
    const letter = (value: number) => String.fromCharCode(value === 0 ? 0x60 : 0x20 + value)
    let line = letter(some.length)
    for (let index = 0; index < padded.length; index += 3) {
      const bits = padded.readUIntBE(index, 3)
      for (const shift of [18, 12, 6, 0]) line += letter((bits >>> shift) & 63)
    }
    lines.push(line)
  }
  return `begin 644 ${name}\n${lines.join('\n')}\n\`\nend\n`
}

/** A random mail, and the words in its parts, one each, which are nowhere legible where they are encoded. */
export function randomMail(random: Random): { mail: string; words: readonly string[] } {
  const words: string[] = []
  const mail = `${MAIL_HEADER}${randomNode(random, 0, words)}`
  return { mail: random.whole(3) === 0 ? mail.replaceAll('\n', '\r\n') : mail, words }
}

const kinds = ['mixed', 'alternative', 'report', 'x-other']
const types = [
  'text/plain',
  'text/html',
  'application/octet-stream',
  'image/png',
  'application/x-some',
  'text/x-c',
]
const encodings = ['', '7bit', '8bit', 'base64', 'BASE64', 'quoted-printable', 'Quoted-Printable', 'base64 ']

function randomNode(random: Random, depth: number, words: string[]): string {
  if (depth < 4 && random.whole(depth === 0 ? 5 : 3) !== 0) {
    const boundary = `${random.pick(['=_', '----=Part', 'b', 'B'])}${depth}${random.whole(1000)}`
    const parts = Array.from({ length: 1 + random.whole(3) }, () => randomNode(random, depth + 1, words))
    return multipart(parts, boundary, random.pick(kinds))
  }
  if (depth > 0 && depth < 4 && random.whole(6) === 0)
    return `Content-Type: message/rfc822\n\nFrom: q@example.net\nSubject: y\n${randomNode(random, depth + 1, words)}`
  return randomLeaf(random, words)
}

function randomLeaf(random: Random, words: string[]): string {
  const word = `Marker${words.length}x${random.whole(1e9)}`
  words.push(word)
  const text = `Some text\nwith ${word} in it, ${'and more of it '.repeat(random.whole(20))}\nand an end.\n`
  const packed = random.whole(3) === 0
  const content = packed
    ? random.pick([makeGzip, (data: Buffer) => makeZip([{ name: 'inner.txt', data }])])(Buffer.from(text))
    : text
  const name = random.whole(2) === 0 ? '' : `; name="file${words.length}.bin"`
  const disposition =
    random.whole(3) === 0 ? `\nContent-Disposition: attachment; filename="f${words.length}"` : ''
  const header = `Content-Type: ${random.pick(types)}${name}${disposition}`
  if (!packed && random.whole(8) === 0)
    return mailPart('Content-Type: text/plain', `Before\n${uuencoded(Buffer.from(text), 'u.txt')}after\n`)
  const encoding = packed ? random.pick(['base64', 'BASE64']) : random.pick(encodings)
  const normal = encoding.trim().toLowerCase()
  return mailPart(header, content, normal).replace(`Encoding: ${normal}`, `Encoding: ${encoding}`)
}

/** The mail with some of its lines lost, doubled, cut, joined or moved. */
export function spoiledMail(random: Random, mail: string): string {
  const lines = mail.split('\n')
  for (let count = 1 + random.whole(3); count > 0; count -= 1) {
    const at = random.whole(lines.length)
    const line = lines[at] ?? ''
    const spoil = [
      () => lines.splice(at, 1),
      () => lines.splice(at, 0, line),
      () => lines.splice(at, 1, line.slice(0, random.whole(line.length + 1))),
      () => lines.splice(at, 2, `${line}${lines[at + 1] ?? ''}`),
      () => lines.splice(at, 1, ` ${line}`),
      () => lines.splice(at, 0, ''),
      () => lines.splice(random.whole(lines.length), 0, ...lines.splice(at, 1)),
      () => lines.splice(at),
    ]
    random.pick(spoil)()
  }
  return lines.join('\n')
}
