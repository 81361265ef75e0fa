/**
 * What an X.509 certificate says (RFC 5280 section 4.1), as far as it matters to whether it may sign programs. Nothing here decides;
 * chain.ts does.
 */
import { RSA } from './algorithms.ts'
import {
  algorithmOf,
  childrenOf,
  contentOf,
  type Element,
  innerOf,
  isUniversal,
  malformed,
  oidOf,
  parseElement,
  primitiveOf,
  rawOf,
  taggedIn,
  timeOf,
} from './element.ts'

export interface Certificate {
  /** Contents of its issuer's and its subject's name, and of its serial number, as they stand. */
  readonly issuer: Buffer
  readonly subject: Buffer
  readonly serial: Buffer
  /** Its RSA key's modulus without leading zeros; undefined for any other key, and for an exponent other than 65,537. */
  readonly modulus: Buffer | undefined
  /** Milliseconds since 1970. */
  readonly from: number
  readonly to: number
  readonly isAuthority: boolean
  /** How many authorities may stand between it and a signer's certificate. */
  readonly pathLength: number
  /** The first byte of its key usage; undefined when it has none. */
  readonly keyUsage: number | undefined
  /** Its extended key usages; undefined when it has none. */
  readonly usages: readonly string[] | undefined
  /** Whether it asks for something that is not understood here (RFC 5280 section 4.2). */
  readonly isStrange: boolean
  /** What its issuer signed, with which algorithm, and the signature. */
  readonly body: Buffer
  readonly algorithm: string
  readonly signature: Buffer
}

export const keyUsages = { digitalSignature: 0x80, keyCertSign: 0x04 } as const

const BASIC_CONSTRAINTS = '2.5.29.19'
const KEY_USAGE = '2.5.29.15'
const EXTENDED_KEY_USAGE = '2.5.29.37'

/** Reads one. Throws SignatureError. */
export function readCertificate(element: Element): Certificate {
  const [body, algorithm, signature] = childrenOf(element, 'sequence')
  const fields = childrenOf(body, 'sequence')
  // The version comes first, unless it is 1.
  const [serial, , issuer, validity, subject, key] =
    taggedIn(fields, 0) === fields[0] ? fields.slice(1) : fields
  const [from, to] = childrenOf(validity, 'sequence')
  return {
    issuer: nameOf(issuer),
    subject: nameOf(subject),
    serial: primitiveOf(serial, 'integer'),
    modulus: modulusOf(key),
    from: timeOf(from),
    to: timeOf(to),
    ...readExtensions(taggedIn(fields.slice(6), 3)),
    body: rawOf(body as Element),
    algorithm: algorithmOf(algorithm),
    signature: bitsOf(signature),
  }
}

function nameOf(element: Element | undefined): Buffer {
  childrenOf(element, 'sequence')
  return contentOf(element as Element)
}

/** A bit string of whole bytes. */
function bitsOf(element: Element | undefined): Buffer {
  const content = primitiveOf(element, 'bits')
  if (content[0] !== 0) throw malformed('a part of a byte')
  return content.subarray(1)
}

function modulusOf(key: Element | undefined): Buffer | undefined {
  const [algorithm, bits] = childrenOf(key, 'sequence')
  if (algorithmOf(algorithm) !== RSA) return undefined
  const [modulus, exponent] = childrenOf(parseElement(bitsOf(bits)), 'sequence')
  if (primitiveOf(exponent, 'integer').toString('hex') !== '010001') return undefined
  const content = primitiveOf(modulus, 'integer')
  const first = content.findIndex((byte) => byte !== 0)
  return first === -1 ? undefined : content.subarray(first)
}

type Extensions = Pick<Certificate, 'isAuthority' | 'pathLength' | 'keyUsage' | 'usages' | 'isStrange'>

function readExtensions(tagged: Element | undefined): Extensions {
  const extensions: { -readonly [Name in keyof Extensions]: Extensions[Name] } = {
    isAuthority: false,
    pathLength: Number.POSITIVE_INFINITY,
    keyUsage: undefined,
    usages: undefined,
    isStrange: false,
  }
  if (tagged === undefined) return extensions
  const seen = new Set<string>()
  for (const extension of childrenOf(innerOf(tagged)[0], 'sequence')) {
    const parts = childrenOf(extension, 'sequence')
    const id = oidOf(parts[0])
    if (seen.has(id)) throw malformed('an extension that is there twice')
    seen.add(id)
    const isCritical = parts.length > 2 && primitiveOf(parts[1], 'boolean')[0] !== 0
    const value = () => parseElement(primitiveOf(parts.at(-1), 'octets'))
    if (id === BASIC_CONSTRAINTS) Object.assign(extensions, constraintsIn(value()))
    else if (id === KEY_USAGE) extensions.keyUsage = primitiveOf(value(), 'bits')[1] ?? 0
    else if (id === EXTENDED_KEY_USAGE) extensions.usages = childrenOf(value(), 'sequence').map(oidOf)
    else extensions.isStrange ||= isCritical
  }
  return extensions
}

function constraintsIn(element: Element): Pick<Extensions, 'isAuthority' | 'pathLength'> {
  const [first, second] = childrenOf(element, 'sequence')
  const isAuthority =
    first !== undefined && isUniversal(first, 'boolean') && primitiveOf(first, 'boolean')[0] !== 0
  if (second === undefined) return { isAuthority, pathLength: Number.POSITIVE_INFINITY }
  const length = primitiveOf(second, 'integer')
  return { isAuthority, pathLength: length.length === 1 ? (length[0] as number) : 0 }
}
