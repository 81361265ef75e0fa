/**
 * Which algorithms a signature may be made with to be trusted: RSA with SHA-1 and SHA-2. MD5 is refused, under which certificates
 * have been forged. Node's own functions do the work.
 */
import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto'

/** Names as node:crypto has them. */
const digests: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

const signatures: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.5': 'sha1',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
}

export const RSA = '1.2.840.113549.1.1.1'

/** A digest's name by its identifier; undefined for any that is not trusted. */
export function digestName(id: string): string | undefined {
  return Object.hasOwn(digests, id) ? digests[id] : undefined
}

/** The digest that an algorithm of signatures by RSA signs. */
export function signedDigestName(id: string): string | undefined {
  return Object.hasOwn(signatures, id) ? signatures[id] : undefined
}

const KEY_MIN_BYTES = 128
/** Checking a signature takes half a millisecond with a key of this length. */
const KEY_MAX_BYTES = 1024

/** The RSA key of a modulus without leading zeros, with the exponent 65,537; undefined when it is too short to trust or too long to try. */
export function rsaKey(modulus: Buffer): KeyObject | undefined {
  if (modulus.length < KEY_MIN_BYTES || modulus.length > KEY_MAX_BYTES) return undefined
  if (modulus.length === KEY_MIN_BYTES && (modulus[0] as number) < 0x80) return undefined
  return createPublicKey({
    key: { kty: 'RSA', n: modulus.toString('base64url'), e: 'AQAB' },
    format: 'jwk',
  })
}

/** Whether this is a signature with the key's private half, PKCS #1 version 1.5. */
export function signs(key: KeyObject, digest: string, over: Uint8Array, signature: Uint8Array): boolean {
  return verify(digest, over, { key, padding: constants.RSA_PKCS1_PADDING }, signature)
}
