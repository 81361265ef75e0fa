/**
 * PKCS#7 SignedData as it stands in a signed program (RFC 2315 sections 9.1 and 9.2; Windows Authenticode Portable Executable Signature Format):
 * which file it is about, the certificates that came with it, and who signed what. Nothing here decides.
 */
import { type Certificate, readCertificate } from './certificate.ts'
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
  SignatureError,
  taggedIn,
} from './element.ts'

const SIGNED_DATA = '1.2.840.113549.1.7.2'
/** SPC_INDIRECT_DATA_OBJID: what is signed is the digest of something else. */
export const INDIRECT_DATA = '1.3.6.1.4.1.311.2.1.4'

/** A signed program comes with three to eight, of those who signed it and its time. */
const CERTIFICATES_MAX = 64

export interface SignedData {
  /** Its bytes. */
  readonly length: number
  /** What is signed: the content's bytes without tag and length. */
  readonly content: Buffer
  /** Those that could be read. */
  readonly certificates: readonly Certificate[]
  /** Reads what the content says of the file: the digest's algorithm, by its identifier, and the digest. Throws SignatureError. */
  fileDigest(): { readonly algorithm: string; readonly digest: Buffer }
  /** Reads the one who signed. Throws SignatureError when there is not exactly one. */
  signer(): SignerInfo
}

export interface SignerInfo {
  /** Contents of the names and number by which the signer's certificate is known. */
  readonly issuer: Buffer
  readonly serial: Buffer
  readonly digestAlgorithm: string
  readonly signatureAlgorithm: string
  readonly signature: Buffer
  /** What is signed: its attributes as a set. */
  readonly signedBytes: Buffer
  /** The one value of each attribute, by its identifier. */
  readonly signed: ReadonlyMap<string, Element>
  readonly unsigned: ReadonlyMap<string, Element>
}

/** Reads a signature that begins the bytes. Throws SignatureError. */
export function readSignedData(bytes: Uint8Array): SignedData {
  const outer = parseElement(bytes)
  const [type, tagged] = childrenOf(outer, 'sequence')
  if (oidOf(type) !== SIGNED_DATA) throw malformed('no signed data')
  const fields = childrenOf(innerOf(tagged)[0], 'sequence')
  const [contentType, taggedContent] = childrenOf(fields[2], 'sequence')
  if (oidOf(contentType) !== INDIRECT_DATA) throw malformed('no digest of a program')
  const [indirect] = innerOf(taggedContent)
  const content = childrenOf(indirect, 'sequence')
  return {
    length: rawOf(outer).length,
    content: contentOf(indirect as Element),
    certificates: readCertificates(taggedIn(fields.slice(3), 0)),
    fileDigest() {
      const [algorithm, digest] = childrenOf(content[1], 'sequence')
      return { algorithm: algorithmOf(algorithm), digest: primitiveOf(digest, 'octets') }
    },
    signer() {
      const signers = childrenOf(
        fields.slice(3).find((field) => isUniversal(field, 'set')),
        'set',
      )
      if (signers.length !== 1) throw malformed(`${signers.length} signers`)
      return readSignerInfo(signers[0] as Element)
    },
  }
}

function readCertificates(tagged: Element | undefined): Certificate[] {
  if (tagged === undefined) return []
  const elements = innerOf(tagged)
  if (elements.length > CERTIFICATES_MAX)
    throw new SignatureError('limit', `more than ${CERTIFICATES_MAX} certificates`)
  return elements.flatMap((element) => {
    try {
      return [readCertificate(element)]
    } catch (error) {
      // One that is damaged leaves the others as they are.
      if (error instanceof SignatureError && error.code === 'malformed') return []
      throw error
    }
  })
}

/** Reads one. Throws SignatureError. */
export function readSignerInfo(element: Element): SignerInfo {
  const fields = childrenOf(element, 'sequence')
  const [, identity, digestAlgorithm] = fields
  const [issuer, serial] = childrenOf(identity, 'sequence')
  const attributes = taggedIn(fields, 0)
  if (attributes === undefined) throw malformed('no attributes')
  const [signatureAlgorithm, signature] = fields.slice(fields.indexOf(attributes) + 1)
  const unsigned = taggedIn(fields, 1)
  const signedBytes = Buffer.from(rawOf(attributes))
  // It is signed as the set that it is, under whose tag it does not stand (RFC 2315 section 9.3).
  signedBytes[0] = 0x31
  childrenOf(issuer, 'sequence')
  return {
    issuer: contentOf(issuer as Element),
    serial: primitiveOf(serial, 'integer'),
    digestAlgorithm: algorithmOf(digestAlgorithm),
    signatureAlgorithm: algorithmOf(signatureAlgorithm),
    signature: primitiveOf(signature, 'octets'),
    signedBytes,
    signed: attributesIn(attributes),
    unsigned: unsigned === undefined ? new Map() : attributesIn(unsigned),
  }
}

function attributesIn(element: Element): Map<string, Element> {
  const attributes = new Map<string, Element>()
  for (const attribute of innerOf(element)) {
    const [id, values] = childrenOf(attribute, 'sequence')
    const name = oidOf(id)
    const [value, ...more] = childrenOf(values, 'set')
    if (value === undefined || more.length > 0 || attributes.has(name)) throw malformed('not one value')
    attributes.set(name, value)
  }
  return attributes
}
