/**
 * Elements of DER (X.690), as signatures are made of them: read by asn1js, in bounded depth and number, and asked for what they
 * must be. Whatever is otherwise throws, and nothing here ever guesses.
 */
import { type BaseBlock, Constructed, fromBER, GeneralizedTime, ObjectIdentifier, UTCTime } from 'asn1js'

export type Element = BaseBlock

/**
 * What cannot be taken for a signature: `malformed` is no DER or not the structure that belongs there, `limit` is more of it
 * than is looked at.
 */
export class SignatureError extends Error {
  override readonly name = 'SignatureError'
  readonly code: 'malformed' | 'limit'

  constructor(code: 'malformed' | 'limit', message: string) {
    super(message)
    this.code = code
  }
}

/** A signature with a second one and two signed times inside it is 30 deep. */
const DEPTH_MAX = 64
/** A signature has some 150, each certificate in it about 100. They take 10 microseconds and a kilobyte each. */
const ELEMENTS_MAX = 10_000

export const universal = {
  boolean: 1,
  integer: 2,
  bits: 3,
  octets: 4,
  oid: 6,
  sequence: 16,
  set: 17,
} as const

const UNIVERSAL = 1
const CONTEXT = 3

/** Reads the element that begins the bytes; others may follow it. Throws SignatureError. */
export function parseElement(bytes: Uint8Array): Element {
  // Contents of octet strings are read by whoever knows that they are elements: most are not.
  const { offset, result } = readElements(bytes)
  if (offset !== -1) return result
  if (/depth|node count/.test(result.error))
    throw new SignatureError(
      'limit',
      `more than ${ELEMENTS_MAX} elements, or nested more than ${DEPTH_MAX} deep`,
    )
  throw malformed('no DER')
}

function readElements(bytes: Uint8Array): ReturnType<typeof fromBER> {
  try {
    return fromBER(bytes, {
      maxDepth: DEPTH_MAX,
      maxNodes: ELEMENTS_MAX,
      maxContentLength: bytes.length,
      parseEmbedded: false,
    })
  } catch {
    // It throws for texts and times that are none.
    throw malformed('no DER')
  }
}

export function malformed(what: string): SignatureError {
  return new SignatureError('malformed', what)
}

/** An element with its tag and length, as it stands. */
export function rawOf({ valueBeforeDecodeView }: Element): Buffer {
  const { buffer, byteOffset, length } = valueBeforeDecodeView
  return Buffer.from(buffer, byteOffset, length)
}

/** An element's content, without its tag and length. */
export function contentOf(element: Element): Buffer {
  if (element.lenBlock.isIndefiniteForm) throw malformed('a length that is not said')
  return rawOf(element).subarray(element.idBlock.blockLength + element.lenBlock.blockLength)
}

export function isUniversal({ idBlock }: Element, type: keyof typeof universal): boolean {
  return idBlock.tagClass === UNIVERSAL && idBlock.tagNumber === universal[type]
}

/** The content of a primitive element of that type. */
export function primitiveOf(
  element: Element | undefined,
  type: Exclude<keyof typeof universal, 'sequence' | 'set'>,
): Buffer {
  if (element === undefined || !isUniversal(element, type) || element.idBlock.isConstructed)
    throw malformed(`no ${type}`)
  return contentOf(element)
}

/** The elements in a sequence or set. */
export function childrenOf(element: Element | undefined, type: 'sequence' | 'set'): readonly Element[] {
  if (element === undefined || !isUniversal(element, type)) throw malformed(`no ${type}`)
  return innerOf(element)
}

/** What stands under a context-specific tag. */
export function taggedIn(elements: readonly Element[], number: number): Element | undefined {
  return elements.find(({ idBlock }) => idBlock.tagClass === CONTEXT && idBlock.tagNumber === number)
}

/** The elements in any constructed element. */
export function innerOf(element: Element | undefined): readonly Element[] {
  if (!(element instanceof Constructed) || element.lenBlock.isIndefiniteForm)
    throw malformed('nothing inside')
  return element.valueBlock.value as Element[]
}

/** An object identifier, in digits and dots. */
export function oidOf(element: Element | undefined): string {
  if (!(element instanceof ObjectIdentifier)) throw malformed('no object identifier')
  return element.getValue()
}

/** The identifier of an algorithm, whose parameters say nothing for those that are taken here. */
export function algorithmOf(element: Element | undefined): string {
  return oidOf(childrenOf(element, 'sequence')[0])
}

/** A time, in milliseconds since 1970. */
export function timeOf(element: Element | undefined): number {
  if (!(element instanceof UTCTime || element instanceof GeneralizedTime)) throw malformed('no time')
  const time = element.toDate().getTime()
  if (Number.isNaN(time)) throw malformed('no time')
  return time
}
