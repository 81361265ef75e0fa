/**
 * Certificate requests (PKCS #10, RFC 2986): the side that makes a key and asks for a certificate, which every agent does. A request is
 * written here in DER (X.690) by hand: it is four hundred bytes of one shape, and the library that reads them all takes six megabytes of every
 * host (ADR 24). Nothing is read here; opened-request.ts does that, with the library.
 */
import { generateKeyPair, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'

/** Tags of X.690: 8.19, 8.23, 8.3, 8.6, 8.9, 8.11, and [0] of a constructed value. */
const tag = {
  oid: 0x06,
  utf8: 0x0c,
  integer: 0x02,
  bits: 0x03,
  sequence: 0x30,
  set: 0x31,
  attributes: 0xa0,
} as const

/** 2.5.4.3, id-at-commonName (RFC 5280 appendix A.1). */
const commonName = Buffer.from([0x55, 0x04, 0x03])
/** 1.2.840.10045.4.3.2, ecdsa-with-SHA256 (RFC 5758 section 3.2); it has no parameters. */
const ecdsaWithSha256 = Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02])

/**
 * Makes a P-256 key and a request signed by it. The private key (PKCS #8 PEM) never leaves the caller.
 * `agentId`, when known, is only a hint for whoever reads the request.
 */
export async function createRequest(
  options: { readonly agentId?: string } = {},
): Promise<{ csrPem: string; privateKeyPem: string }> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  const request = requestOf(options.agentId ?? 'coreward-agent', publicKey, privateKey)
  const lines = request.toString('base64').match(/.{1,64}/g) ?? []
  return {
    csrPem: `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** CertificationRequest of RFC 2986 section 4.2, without attributes. */
function requestOf(name: string, publicKey: KeyObject, privateKey: KeyObject): Buffer {
  const subject = der(tag.sequence, der(tag.oid, commonName), der(tag.utf8, Buffer.from(name)))
  const info = der(
    tag.sequence,
    der(tag.integer, Buffer.of(0)),
    der(tag.sequence, der(tag.set, subject)),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(tag.attributes),
  )
  const signature = Buffer.concat([Buffer.of(0), sign('sha256', info, privateKey)])
  return der(tag.sequence, info, der(tag.sequence, der(tag.oid, ecdsaWithSha256)), der(tag.bits, signature))
}

/** A value with its length, which is short or has up to two bytes (X.690 section 8.1.3). */
function der(kind: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(kind, ...head), content])
}
