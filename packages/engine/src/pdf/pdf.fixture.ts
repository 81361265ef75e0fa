/**
 * PDF documents for tests, written by hand so that they may break the rules, and the filters' other direction. Never imported by production
 * code.
 */
import { deflateSync } from 'node:zlib'

/** An object: its number and what stands between `obj` and `endobj`. */
export interface MadeObject {
  readonly number: number
  readonly body: string | Buffer
}

export interface StreamOptions {
  /** In place of the true length, such as `/Length 5` or nothing. */
  readonly length?: string
  /** What stands behind the word `stream`. */
  readonly lineEnd?: string
  /** What stands behind the data. */
  readonly end?: string
}

/** Text as bytes, a character each. */
export function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

/** A stream object; `dictionary` is what its dictionary has beside the length. */
export function makeStream(
  number: number,
  dictionary: string,
  data: Uint8Array | string,
  { length, lineEnd = '\n', end = '\nendstream' }: StreamOptions = {},
): MadeObject {
  const bytes = typeof data === 'string' ? latin1(data) : Buffer.from(data)
  const head = `<< ${length ?? `/Length ${bytes.length}`} ${dictionary} >>\nstream${lineEnd}`
  return { number, body: Buffer.concat([latin1(head), bytes, latin1(end)]) }
}

/** An object stream of objects with the numbers from `first` on. */
export function makeObjectStream(number: number, first: number, objects: readonly string[]): MadeObject {
  let table = ''
  let data = ''
  for (const [index, object] of objects.entries()) {
    table += `${first + index} ${data.length} `
    data += `${object}\n`
  }
  const dictionary = `/Type /ObjStm /N ${objects.length} /First ${table.length} /Filter /FlateDecode`
  return makeStream(number, dictionary, deflateSync(latin1(table + data)))
}

/** A document with one page as objects 1 to 3, `objects` behind them, and a true table of them all. */
export function makePdf(
  objects: readonly MadeObject[],
  { catalog = '', trailer = '' }: { readonly catalog?: string; readonly trailer?: string } = {},
): Buffer {
  const all: readonly MadeObject[] = [
    { number: 1, body: `<< /Type /Catalog /Pages 2 0 R ${catalog} >>` },
    { number: 2, body: '<< /Type /Pages /Kids [3 0 R] /Count 1 >>' },
    { number: 3, body: '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>' },
    ...objects,
  ]
  const parts = [latin1('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n')]
  let at = parts[0]?.length ?? 0
  const places = new Map<number, number>()
  for (const { number, body } of all) {
    const part = Buffer.concat([
      latin1(`${number} 0 obj\n`),
      typeof body === 'string' ? latin1(body) : body,
      latin1('\nendobj\n'),
    ])
    places.set(number, at)
    at += part.length
    parts.push(part)
  }
  const count = Math.max(...all.map(({ number }) => number)) + 1
  const rows = Array.from({ length: count }, (_, number) => {
    const place = places.get(number)
    return place === undefined ? '0000000000 65535 f \n' : `${String(place).padStart(10, '0')} 00000 n \n`
  })
  const table = `xref\n0 ${count}\n${rows.join('')}trailer\n<< /Size ${count} /Root 1 0 R ${trailer} >>\n`
  return Buffer.concat([...parts, latin1(`${table}startxref\n${at}\n%%EOF\n`)])
}

/** A string with each character as an octal escape. */
export function octal(text: string): string {
  return [...latin1(text)].map((code) => `\\${code.toString(8).padStart(3, '0')}`).join('')
}

/** A string in base 16, with its brackets. */
export function hex(text: string): string {
  return `<${latin1(text).toString('hex')}>`
}

/** A string in UTF-16 with its mark, one character a byte. */
export function utf16(text: string): string {
  return `\xfe\xff${Buffer.from(text, 'utf16le').swap16().toString('latin1')}`
}

/** Each filter's name with what writes it. */
export const encoders: Readonly<Record<string, (data: Buffer) => Buffer>> = {
  FlateDecode: (data) => deflateSync(data),
  LZWDecode: (data) => encodeLzw(data, 1),
  ASCIIHexDecode: (data) => latin1(`${data.toString('hex')}>`),
  ASCII85Decode: encodeBase85,
  RunLengthDecode: encodeRuns,
}

function encodeBase85(data: Buffer): Buffer {
  let text = ''
  for (let at = 0; at < data.length; at += 4) {
    const group = data.subarray(at, at + 4)
    let value = 0
    for (let index = 0; index < 4; index += 1) value = value * 256 + (group[index] ?? 0)
    if (value === 0 && group.length === 4) {
      text += 'z'
      continue
    }
    let digits = ''
    for (let index = 0; index < 5; index += 1) {
      digits = String.fromCharCode(33 + (value % 85)) + digits
      value = Math.floor(value / 85)
    }
    text += digits.slice(0, group.length + 1)
  }
  return latin1(`${text}~>`)
}

function encodeRuns(data: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < data.length; ) {
    let same = 1
    while (same < 128 && at + same < data.length && data[at + same] === data[at]) same += 1
    const length = same > 1 ? same : Math.min(128, data.length - at)
    parts.push(
      same > 1
        ? Buffer.from([257 - same, data[at] ?? 0])
        : Buffer.concat([Buffer.from([length - 1]), data.subarray(at, at + length)]),
    )
    at += length
  }
  return Buffer.concat([...parts, Buffer.from([128])])
}

/** `early` is 1 where codes grow a code early. */
export function encodeLzw(data: Buffer, early: number): Buffer {
  const out: number[] = []
  let bits = 0
  let count = 0
  let width = 9
  let next = 258
  let table = new Map<string, number>()
  const put = (code: number) => {
    bits = (bits << width) | code
    count += width
    while (count >= 8) {
      count -= 8
      out.push((bits >> count) & 255)
    }
    bits &= (1 << count) - 1
  }
  const codeOf = (word: string) => (word.length === 1 ? word.charCodeAt(0) : (table.get(word) ?? 0))
  // The reader adds each word a code later than the writer, and grows by what it has.
  const grow = () => {
    if (next - 1 + early >= 1 << width && width < 12) width += 1
  }
  put(256)
  let word = ''
  for (const byte of data) {
    const letter = String.fromCharCode(byte)
    if (word === '' || table.has(word + letter)) {
      word += letter
      continue
    }
    put(codeOf(word))
    table.set(word + letter, next)
    next += 1
    grow()
    if (next >= 4095) {
      put(256)
      table = new Map()
      next = 258
      width = 9
    }
    word = letter
  }
  if (word !== '') {
    put(codeOf(word))
    next += 1
    grow()
  }
  put(257)
  if (count > 0) out.push((bits << (8 - count)) & 255)
  return Buffer.from(out)
}
