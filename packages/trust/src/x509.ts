/**
 * The X.509 library, loaded one way: its container wants the reflection polyfill before it.
 * Nothing else in this package imports either of the two, and nothing here makes decisions.
 */
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

export { x509 }

/** ECDSA on P-256 with SHA-256 (RFC 5480, RFC 5758): what every TLS stack and every Group Policy baseline accepts. */
export const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const
export const signatureAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const

/** A new P-256 key pair; the private key can be exported, since it is stored as PEM. */
export async function generateCertificateKey(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify'])
}

/** The private key as PKCS #8 PEM (RFC 5958), unencrypted. */
export async function exportPrivateKey(key: CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`
}

/** Reads what `exportPrivateKey` wrote. */
export async function importPrivateKey(pem: string): Promise<CryptoKey> {
  const [der] = x509.PemConverter.decode(pem)
  if (der === undefined) throw new SyntaxError('no PEM block')
  return crypto.subtle.importKey('pkcs8', der, keyAlgorithm, false, ['sign'])
}
