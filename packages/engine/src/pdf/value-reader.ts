/**
 * Reads one value out of bytes (ISO 32000-2, clause 7.3), as far as it goes: nothing that stands there is an error. What is not closed
 * ends where an object or a stream does. Keeps its own stack, so that depth costs memory only, and that is bounded.
 */
import { classOf, skipWhite } from './characters.ts'
import { readHexString, readLiteral, readName } from './strings.ts'
import { isKind, type PdfDictionary, type PdfValue } from './values.ts'

/** Deeper values are none. Real ones stay below ten. */
const MOST_DEPTH = 256

/** What ends a value that is still open, since it stands in none. */
const endings: ReadonlySet<string> = new Set([
  'obj',
  'endobj',
  'stream',
  'endstream',
  'xref',
  'trailer',
  'startxref',
])

const meaningful = /^(?:[-+.\d]|true$|false$|null$|R$)/

export interface ReadValue {
  readonly value: PdfValue
  /** The place behind it. */
  readonly end: number
  /** Whether the bytes ended before the value did. */
  readonly isCut: boolean
}

interface Open {
  readonly isDictionary: boolean
  readonly items: PdfValue[]
}

const [SLASH, LESS, GREATER, OPEN_PAREN, OPEN_BRACKET, CLOSE_BRACKET] = [0x2f, 0x3c, 0x3e, 0x28, 0x5b, 0x5d]

/** The value at or behind `from`. */
export function readValue(bytes: Uint8Array, from: number): ReadValue {
  const open: Open[] = []
  let top: Open = { isDictionary: false, items: [] }
  let at = from
  /** Behind the first value, when more has to be read to know that it is whole. */
  let end = from
  const finish = (isCut: boolean): ReadValue => {
    while (open.length > 0) at = Math.max(at, close())
    return { value: top.items[0] ?? null, end: isCut ? bytes.length : Math.max(end, from), isCut }
  }
  function close(): number {
    const closed = top
    const outer = open.pop()
    if (outer === undefined) return at
    top = outer
    top.items.push(closed.isDictionary ? dictionaryOf(closed.items) : { kind: 'array', items: closed.items })
    return at
  }
  const enter = (isDictionary: boolean) => {
    open.push(top)
    top = { isDictionary, items: [] }
  }
  for (;;) {
    at = skipWhite(bytes, at)
    if (at >= bytes.length) return finish(true)
    const code = bytes[at] ?? 0
    if (code === SLASH) {
      const { value, end } = readName(bytes, at + 1)
      top.items.push({ kind: 'name', name: value })
      at = end
    } else if (code === OPEN_PAREN || (code === LESS && bytes[at + 1] !== LESS)) {
      const { value, end } = (code === LESS ? readHexString : readLiteral)(bytes, at + 1)
      top.items.push(value)
      if (end > bytes.length) return finish(true)
      at = end
    } else if (code === LESS || code === OPEN_BRACKET) {
      if (open.length >= MOST_DEPTH) return finish(false)
      enter(code === LESS)
      at += code === LESS ? 2 : 1
    } else if (code === CLOSE_BRACKET) {
      if (!top.isDictionary) close()
      at += 1
    } else if (code === GREATER && bytes[at + 1] === GREATER) {
      while (!top.isDictionary && open.length > 0) close()
      close()
      at += 2
    } else if (classOf(code) !== 0) {
      at += 1
    } else {
      const digitsEnd = endOfDigits(bytes, at)
      const isNumber = digitsEnd > at && classOf(bytes[digitsEnd] ?? 0) !== 0
      const word = isNumber ? '' : wordAt(bytes, at)
      if (endings.has(word)) {
        if (open.length > 0 || top.items.length < 2) end = at
        return finish(false)
      }
      if (isNumber) top.items.push(numberIn(bytes, at, digitsEnd))
      at = isNumber ? digitsEnd : at + word.length
      // Between `obj` and a value no word means anything.
      if (!isNumber && (open.length > 0 || meaningful.test(word))) addWord(top.items, word)
    }
    if (open.length > 0) continue
    if (top.items.length === 1) end = at
    // A number may be the beginning of a reference.
    if (top.items.length > 2 || (top.items.length > 0 && typeof top.items[0] !== 'number'))
      return finish(false)
  }
}

function endOfDigits(bytes: Uint8Array, from: number): number {
  let end = from
  while (end < bytes.length && (bytes[end] ?? 0) >= 0x30 && (bytes[end] ?? 0) <= 0x39) end += 1
  return end
}

function numberIn(bytes: Uint8Array, from: number, end: number): number {
  let value = 0
  for (let at = from; at < end; at += 1) value = value * 10 + (bytes[at] ?? 0) - 0x30
  return value
}

function wordAt(bytes: Uint8Array, from: number): string {
  let end = from
  while (end < bytes.length && classOf(bytes[end] ?? 0) === 0) end += 1
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from).toString('latin1')
}

/** Adds what a word stands for; an `R` makes a reference of the two numbers before it. */
function addWord(items: PdfValue[], word: string): void {
  if (word === 'R') {
    const [number, generation] = items.slice(-2)
    if (typeof number !== 'number' || typeof generation !== 'number') return
    items.length -= 2
    items.push({ kind: 'reference', number })
  } else if (word === 'true' || word === 'false') items.push(word === 'true')
  else {
    const number = /^[+-]*\d*\.?\d*/.exec(word)?.[0] ?? ''
    items.push(/\d/.test(number) ? Number(number.replace(/^[+-]*(?=[+-])/, '')) : null)
  }
}

function dictionaryOf(items: readonly PdfValue[]): PdfDictionary {
  const entries: [string, PdfValue][] = []
  for (let index = 0; index < items.length; index += 1) {
    const key = items[index]
    // What stands where a key should is kept under none, so that nothing is hidden there.
    if (!isKind(key, 'name')) entries.push(['', key ?? null])
    else {
      index += 1
      entries.push([key.name, items[index] ?? null])
    }
  }
  return { kind: 'dictionary', entries }
}
