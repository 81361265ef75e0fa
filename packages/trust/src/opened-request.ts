/**
 * The check of a certificate request (PKCS #10, RFC 2986): that the asker holds the key. The names in a request are never believed: who
 * asks is known by its token or certificate.
 */
import { TrustError } from './trust-error.ts'
import { keyAlgorithm, x509 } from './x509.ts'

// A P-256 request is about 400 bytes; this bounds what the ASN.1 reader is given.
const maxRequestLength = 8192

/**
 * The public key of a request, once the request is shown to be signed by its private half (RFC 2986 §3, step 3).
 * Throws `too-large`, `malformed`, `bad-algorithm` (only ECDSA on P-256 is accepted) or `bad-signature`.
 */
export async function openRequest(csrPem: string): Promise<CryptoKey> {
  if (csrPem.length > maxRequestLength) {
    throw new TrustError(
      'too-large',
      `The certificate request is ${csrPem.length} bytes long; at most ${maxRequestLength} are accepted.`,
    )
  }
  const request = parse(csrPem)
  const { name, namedCurve } = request.publicKey.algorithm as { name: string; namedCurve?: string }
  if (name !== keyAlgorithm.name || namedCurve !== keyAlgorithm.namedCurve) {
    throw new TrustError(
      'bad-algorithm',
      `The certificate request holds a ${name} key; make one on ECDSA P-256.`,
    )
  }
  // A malformed signature makes the library throw; to the asker it is the same as a wrong one.
  const signed = await request.verify().catch(() => false)
  if (!signed) {
    throw new TrustError(
      'bad-signature',
      'The certificate request is not signed by the key it holds; make a new one.',
    )
  }
  return request.publicKey.export(keyAlgorithm, ['verify'])
}

function parse(csrPem: string): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(csrPem)
  } catch (cause) {
    throw new TrustError(
      'malformed',
      'The certificate request cannot be read; give one PKCS #10 request as PEM.',
      {
        cause,
      },
    )
  }
}
