/**
 * Ed25519 keys (RFC 8032): making, naming, writing down and reading back, and raw signatures.
 * It never decides whether a key is trusted, and never writes to a disk.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import { TrustError } from './trust-error.ts'

/** The public half of a signing key: enough to check signatures. */
export interface VerificationKey {
  /** RFC 7638 thumbprint (SHA-256, base64url) of the public key. */
  readonly keyId: string
  readonly publicKey: KeyObject
}

/** A key that signs. Its private half leaves the process only through `exportSigningKey`. */
export interface SigningKey extends VerificationKey {
  readonly privateKey: KeyObject
}

/** An Ed25519 public key as it travels in JSON (RFC 8037 §2). `kid` is its RFC 7638 thumbprint. */
export interface PublicJwk {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly kid: string
}

/** A new Ed25519 key pair, named by its own thumbprint. */
export async function generateSigningKey(): Promise<SigningKey> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return { keyId: await thumbprint(publicKey), publicKey, privateKey }
}

/** The private key as PKCS #8 PEM (RFC 5958), unencrypted: the caller keeps it in a file only its owner may read. */
export function exportSigningKey(key: SigningKey): string {
  return key.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
}

/** Reads what `exportSigningKey` wrote. Throws `malformed`, or `bad-algorithm` when the key is not Ed25519. */
export async function importSigningKey(pem: string): Promise<SigningKey> {
  const privateKey = read('private key', () => createPrivateKey(pem))
  const publicKey = createPublicKey(privateKey)
  return { keyId: await thumbprint(publicKey), publicKey, privateKey }
}

/** The public half as a JWK, fit for a JSON document. */
export function exportVerificationKey(key: VerificationKey): PublicJwk {
  const { x } = key.publicKey.export({ format: 'jwk' })
  return { kty: 'OKP', crv: 'Ed25519', x: x as string, kid: key.keyId }
}

/**
 * Reads a public key from a JWK, or from SPKI PEM. The key id is computed anew; one that the JWK claims is ignored.
 * Throws `malformed`, or `bad-algorithm` when the key is not Ed25519.
 */
export async function importVerificationKey(
  source: string | Omit<PublicJwk, 'kid'>,
): Promise<VerificationKey> {
  const publicKey = read('public key', () =>
    typeof source === 'string'
      ? createPublicKey(source)
      : createPublicKey({ key: { kty: source.kty, crv: source.crv, x: source.x }, format: 'jwk' }),
  )
  return { keyId: await thumbprint(publicKey), publicKey }
}

/** The public key's 32 raw bytes (RFC 8032 §5.1.5) in hexadecimal: the form TUF metadata uses. */
export function publicKeyHex(key: VerificationKey): string {
  return Buffer.from(exportVerificationKey(key).x, 'base64url').toString('hex')
}

/** A plain Ed25519 signature (64 bytes) over `data`. Documents of our own are signed by `signDocument` instead. */
export function signBytes(key: SigningKey, data: Uint8Array): Buffer {
  return sign(null, data, key.privateKey)
}

function read(subject: string, open: () => KeyObject): KeyObject {
  let key: KeyObject
  try {
    key = open()
  } catch (cause) {
    throw new TrustError('malformed', `The ${subject} cannot be read; give an Ed25519 key as PEM or JWK.`, {
      cause,
    })
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new TrustError(
      'bad-algorithm',
      `The ${subject} is of type ${key.asymmetricKeyType}; only Ed25519 keys sign documents.`,
    )
  }
  return key
}

async function thumbprint(publicKey: KeyObject): Promise<string> {
  const { x } = publicKey.export({ format: 'jwk' })
  return calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x: x as string })
}
