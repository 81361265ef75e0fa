/**
 * Messages in the Cryptographic Message Syntax (RFC 5652, sections 3 to 6), as S/MIME mails and `.p7m` files are: the content of a signed one is a
 * part, an enveloped one needs a key. Lengths may be indefinite and the content in pieces (X.690, 8.1.3 and 8.7.3). No signature is judged.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { readFields } from '../structure/fields.ts'
import { type Shortfall, tooManyEntries, type UnpackedPart } from './container.ts'
import { createContentBuffer } from './content-buffer.ts'
import { decodedPart, settleDecoded } from './decoded.ts'

const OCTETS = 0x04
const OBJECT_IDENTIFIER = 0x06
const SEQUENCE = 0x30
const SET = 0x31
const CONTEXT = 0xa0
const PIECES = 0x24
const INTEGER = 0x02
/** Elements that are open at once while one of indefinite length is passed over. */
const DEPTH_MAX = 64
/** The last number of the types' identifiers (RFC 5652, sections 5.1 and 6.1). */
const ENVELOPED = 3

const damaged: Shortfall = { reason: 'damaged', detail: 'its elements do not fit together' }

interface Element {
  readonly tag: number
  readonly start: number
  /** Undefined where an end mark ends it. */
  readonly end: number | undefined
}

/** The signed content; nothing where the signature is apart from it. */
export async function* unpackSignedMessage(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  if (!budget.takeEntry()) {
    yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
    return
  }
  const reader = new ElementReader(source, budget)
  const kind = reader.path([SEQUENCE]) && reader.identifier()
  if (kind === ENVELOPED) {
    yield {
      kind: 'unscanned',
      shortfall: { reason: 'encrypted', detail: 'the message is for who has a key' },
    }
    return
  }
  const isFound =
    reader.path([CONTEXT, SEQUENCE]) && reader.pass(INTEGER) && reader.pass(SET) && reader.path([SEQUENCE])
  if (!isFound || reader.identifier() === undefined) {
    yield { kind: 'unscanned', shortfall: damaged }
    return
  }
  if (!reader.path([CONTEXT])) return
  const buffer = createContentBuffer(budget.heldBytes, 0)
  const fits = reader.octets((bytes) => buffer.append(bytes))
  if (buffer.length > 0) yield decodedPart('message', settleDecoded(buffer, fits, budget))
}

const BLOCK_BYTES = 64 * 1024

/** Walks from element to element, never back. */
class ElementReader {
  readonly #source: ByteSource
  readonly #budget: Budget
  #at = 0

  constructor(source: ByteSource, budget: Budget) {
    this.#source = source
    this.#budget = budget
  }

  /** Enters elements within one another; false when one has another tag. */
  path(tags: readonly number[]): boolean {
    return tags.every((tag) => {
      const element = this.#element()
      if (element?.tag !== tag) return false
      this.#at = element.start
      return true
    })
  }

  /** Passes an identifier and gives its last number. */
  identifier(): number | undefined {
    const element = this.#element()
    if (element?.tag !== OBJECT_IDENTIFIER || element.end === undefined || element.end > this.#source.size)
      return undefined
    this.#at = element.end
    return this.#source.read(element.end - 1, 1)[0]
  }

  /** Passes an element and all in it. */
  pass(tag: number): boolean {
    let element = this.#element()
    if (element?.tag !== tag) return false
    let depth = 0
    for (;;) {
      this.#budget.check()
      if (element === undefined) return false
      if (element.tag === 0) depth -= 1
      if (element.end === undefined) depth += 1
      if (depth > DEPTH_MAX) return false
      this.#at = element.end ?? element.start
      if (depth <= 0) return true
      element = this.#element()
    }
  }

  /** Hands over the bytes of a string, in pieces or whole; false when somebody wants no more. */
  octets(take: (bytes: Uint8Array) => boolean): boolean {
    for (let depth = 0; ; ) {
      this.#budget.check()
      const element = this.#element()
      if (element === undefined) return true
      this.#at = element.start
      if (element.tag === PIECES) depth += element.end === undefined ? 1 : 0
      else if (element.tag !== OCTETS || element.end === undefined) {
        depth -= 1
        if (element.tag !== 0) return true
      } else {
        const end = Math.min(element.end, this.#source.size)
        for (; this.#at < end; this.#at += BLOCK_BYTES)
          if (!take(this.#source.read(this.#at, Math.min(BLOCK_BYTES, end - this.#at)))) return false
        this.#at = element.end
        // A string that is whole is all there is.
        if (depth === 0 && this.#element()?.tag !== OCTETS) return true
      }
      if (depth < 0) return true
    }
  }

  #element(): Element | undefined {
    const head = readFields(this.#source, this.#at, 2)
    if (head === undefined) return undefined
    const tag = head.getUint8(0)
    const first = head.getUint8(1)
    const start = this.#at + 2
    if (first < 0x80) return { tag, start, end: start + first }
    if (first === 0x80) return { tag, start, end: undefined }
    const count = first & 0x7f
    const bytes = count > 6 ? undefined : readFields(this.#source, start, count)
    if (bytes === undefined) return undefined
    let length = 0
    for (let index = 0; index < count; index += 1) length = length * 256 + bytes.getUint8(index)
    return { tag, start: start + count, end: start + count + length }
  }
}
