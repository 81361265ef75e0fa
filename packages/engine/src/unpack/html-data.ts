/**
 * What addresses of the scheme `data` in a page hold (RFC 2397): an image, a script, a page or a program in base64 or percent-encoded.
 * Each is a part of the page. They are looked for where values of attributes and addresses in styles begin, as the bytes stand.
 */
import type { Budget } from '../budget.ts'
import { type ByteSource, bytesSource } from '../byte-source.ts'
import { entryLabel } from '../inner-path.ts'
import { type Shortfall, tooManyEntries, type UnpackedPart } from './container.ts'
import { type ContentBuffer, createContentBuffer } from './content-buffer.ts'

const SCHEME = 'data:'
/** What stands before an address, and what ends it then. */
const closers: Readonly<Record<string, RegExp>> = { '"': /"/, "'": /'/, '=': /[\s>]/, '(': /[\s)"'<>]/ }
const COMMA = ','

const BLOCK_BYTES = 64 * 1024
/** The type and its parameters. */
const HEAD_MAX_BYTES = 256

/** Whether there is anything to unpack. */
export function holdsDataAddress(source: ByteSource, check: () => void): boolean {
  return nextAddress(source, 0, check) !== undefined
}

/** The contents of the addresses, in their order, named by their type. */
export async function* unpackDataAddresses(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  let address = nextAddress(source, 0, budget.check)
  for (; address !== undefined; address = nextAddress(source, address.end, budget.check)) {
    if (!budget.takeEntry()) {
      yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
      return
    }
    const { heldBytes } = budget
    const content = createContentBuffer(heldBytes, address.end - address.start)
    const isWhole = readContent(source, address, content, budget.check)
    if (content.length === 0) continue
    const label = entryLabel(`data ${address.type}`.trim())
    if (!budget.takeContent(content.length)) {
      const detail = `the limit is ${budget.limits.maxTotalContentBytes} bytes for one file`
      yield { kind: 'unscanned', label, shortfall: { reason: 'budget-exceeded', detail } }
      return
    }
    const shortfall: Shortfall = { reason: 'too-large', detail: `the limit is ${heldBytes} bytes` }
    const part = { kind: 'content', label, content: bytesSource(content.bytes()) } as const
    yield isWhole ? part : { ...part, shortfall }
  }
}

interface DataAddress {
  readonly type: string
  readonly isBase64: boolean
  /** Where its content begins and ends. */
  readonly start: number
  readonly end: number
}

/** The first address at or behind `from`. */
function nextAddress(source: ByteSource, from: number, check: () => void): DataAddress | undefined {
  const overlap = SCHEME.length
  for (let at = from; at < source.size; ) {
    check()
    const block = textAt(source, at, BLOCK_BYTES + overlap).toLowerCase()
    for (let place = block.indexOf(SCHEME); place !== -1; place = block.indexOf(SCHEME, place + 1)) {
      const address = addressAt(source, at + place, check)
      if (address !== undefined) return address
    }
    at += BLOCK_BYTES
  }
  return undefined
}

function addressAt(source: ByteSource, place: number, check: () => void): DataAddress | undefined {
  const closer = place === 0 ? undefined : closers[textAt(source, place - 1, 1)]
  if (closer === undefined) return undefined
  const head = textAt(source, place + SCHEME.length, HEAD_MAX_BYTES)
  const comma = head.indexOf(COMMA)
  if (comma === -1 || /["'<>()]/.test(head.slice(0, comma))) return undefined
  const start = place + SCHEME.length + comma + 1
  const [type = '', ...parameters] = head.slice(0, comma).split(';')
  return {
    type,
    isBase64: parameters.some((parameter) => parameter.trim().toLowerCase() === 'base64'),
    start,
    end: endOf(source, start, closer, check),
  }
}

function endOf(source: ByteSource, start: number, closer: RegExp, check: () => void): number {
  for (let at = start; at < source.size; at += BLOCK_BYTES) {
    check()
    const index = textAt(source, at, BLOCK_BYTES).search(closer)
    if (index !== -1) return at + index
  }
  return source.size
}

/** Decodes into the buffer; false when there was more than it takes. */
function readContent(
  source: ByteSource,
  { start, end, isBase64 }: DataAddress,
  content: ContentBuffer,
  check: () => void,
): boolean {
  let kept = ''
  for (let at = start; at < end; at += BLOCK_BYTES) {
    check()
    const isLast = at + BLOCK_BYTES >= end
    const text = kept + textAt(source, at, Math.min(BLOCK_BYTES, end - at))
    // What is not complete yet waits for the next block.
    const letters = isBase64 ? text.replace(/[^A-Za-z0-9+/_-]/g, '') : text
    const usable = isLast
      ? letters.length
      : isBase64
        ? letters.length - (letters.length % 4)
        : wholeLetters(letters)
    kept = letters.slice(usable)
    const piece = letters.slice(0, usable)
    if (!content.append(isBase64 ? Buffer.from(piece, 'base64') : percentDecoded(piece))) return false
  }
  return true
}

/** How many letters there are before a percent sign whose digits are still to come. */
function wholeLetters(text: string): number {
  const percent = text.lastIndexOf('%')
  return percent >= text.length - 2 && percent !== -1 ? percent : text.length
}

function percentDecoded(text: string): Buffer {
  const plain = text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
  return Buffer.from(plain, 'latin1')
}

function textAt(source: ByteSource, at: number, length: number): string {
  return Buffer.from(source.read(at, length)).toString('latin1')
}
