/**
 * How strings and names are written (ISO 32000-2, clauses 7.3.4 and 7.3.5), and what text a string is (7.9.2). What breaks the rules is
 * taken as readers take it: the escape of no character is that character.
 */
import { wideText } from '../unpack/wide-text.ts'
import { classOf, hexDigit } from './characters.ts'
import type { PdfString } from './values.ts'

const [OPEN, CLOSE, BACKSLASH, GREATER, HASH] = [0x28, 0x29, 0x5c, 0x3e, 0x23]
const [CR, LF] = [0x0d, 0x0a]

const escapes = new Map(
  Object.entries({ n: 0x0a, r: 0x0d, t: 0x09, b: 0x08, f: 0x0c }).map(([letter, code]) => [
    letter.charCodeAt(0),
    code,
  ]),
)

interface Read<Value> {
  readonly value: Value
  /** The place behind it; the end of the bytes when it does not end there. */
  readonly end: number
}

/** The string whose parenthesis opens before `from`. */
export function readLiteral(bytes: Uint8Array, from: number): Read<PdfString> {
  const end = literalEnd(bytes, from)
  const raw = bytes.subarray(from, end)
  if (!raw.includes(BACKSLASH) && !raw.includes(CR))
    return { value: { kind: 'string', bytes: raw, isPlain: true }, end: end + 1 }
  return { value: { kind: 'string', bytes: unescaped(raw), isPlain: false }, end: end + 1 }
}

function literalEnd(bytes: Uint8Array, from: number): number {
  let depth = 1
  for (let at = from; at < bytes.length; at += 1) {
    const code = bytes[at]
    if (code === BACKSLASH) at += 1
    else if (code === OPEN) depth += 1
    else if (code === CLOSE) {
      depth -= 1
      if (depth === 0) return at
    }
  }
  return bytes.length
}

function unescaped(raw: Uint8Array): Uint8Array {
  const out = new Uint8Array(raw.length)
  let length = 0
  for (let at = 0; at < raw.length; at += 1) {
    let code = raw[at] ?? 0
    if (code === CR) {
      // An end of a line is a line feed, however it is written.
      if (raw[at + 1] === LF) at += 1
      code = LF
    } else if (code === BACKSLASH) {
      at += 1
      const next = raw[at]
      if (next === undefined) break
      if (next === CR || next === LF) {
        if (next === CR && raw[at + 1] === LF) at += 1
        continue
      }
      code = escapes.get(next) ?? next
      if (isOctal(next)) {
        code = next - 0x30
        for (let more = 0; more < 2 && isOctal(raw[at + 1]); more += 1) {
          at += 1
          code = code * 8 + (raw[at] ?? 0) - 0x30
        }
      }
    }
    out[length] = code
    length += 1
  }
  return out.subarray(0, length)
}

function isOctal(code: number | undefined): boolean {
  return code !== undefined && code >= 0x30 && code <= 0x37
}

/** The string in base 16 whose bracket opens before `from`; what is no digit is passed over. */
export function readHexString(bytes: Uint8Array, from: number): Read<PdfString> {
  const close = bytes.indexOf(GREATER, from)
  const end = close === -1 ? bytes.length : close
  return {
    value: { kind: 'string', bytes: hexDecoded(bytes.subarray(from, end)), isPlain: false },
    end: end + 1,
  }
}

/** Pairs of digits as bytes; an odd last digit has a zero behind it. */
export function hexDecoded(digits: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(digits.length / 2))
  let count = 0
  for (const code of digits) {
    const digit = hexDigit(code)
    if (digit === -1) continue
    const place = count >> 1
    out[place] = count % 2 === 0 ? digit << 4 : (out[place] ?? 0) | digit
    count += 1
  }
  return out.subarray(0, Math.ceil(count / 2))
}

/** The name whose slash stands before `from`. */
export function readName(bytes: Uint8Array, from: number): Read<string> {
  let end = from
  let hasEscape = false
  while (end < bytes.length && classOf(bytes[end] ?? 0) === 0) {
    hasEscape ||= bytes[end] === HASH
    end += 1
  }
  const written = Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from).toString('latin1')
  const value = hasEscape
    ? written.replace(/#([0-9a-f]{2})/gi, (_, digits: string) =>
        String.fromCharCode(Number.parseInt(digits, 16)),
      )
    : written
  return { value, end }
}

/** A string's text as UTF-8: UTF-16 where its mark says so, otherwise its bytes as they are. */
export function textBytes(bytes: Uint8Array): Uint8Array {
  const [first, second] = bytes
  const isBig = first === 0xfe && second === 0xff
  if (!isBig && !(first === 0xff && second === 0xfe)) return bytes
  const even = Buffer.from(bytes.subarray(2, bytes.length - (bytes.length % 2)))
  return Buffer.from(wideText(isBig ? even.swap16() : even))
}
