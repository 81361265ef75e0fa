/**
 * Reading certificates: names, times, fingerprint, and whose a client certificate is.
 * It checks no chain: TLS does that, with our authority as the only one trusted.
 */
import { X509Certificate } from 'node:crypto'
import { TrustError } from './trust-error.ts'

/** What is read from a certificate. Times are UTC. */
export interface CertificateDetails {
  /** The subject's common name, or an empty string. */
  readonly commonName: string
  /** Lower-case hexadecimal. */
  readonly serialNumber: string
  readonly notBefore: Date
  readonly notAfter: Date
  /** SHA-256 of the DER form, lower-case hexadecimal, 64 characters. */
  readonly fingerprint: string
  /** The agent that a client certificate was issued to; undefined for any other certificate. */
  readonly agentId: string | undefined
}

/** An agent's id as a certificate may carry it: the common name's limit is 64 characters (RFC 5280 appendix A.1). */
export const agentIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

const clientAuth = '1.3.6.1.5.5.7.3.2' // id-kp-clientAuth, RFC 5280 §4.2.1.12

/** Reads a certificate given as PEM or DER. Throws `malformed`. */
export function parseCertificate(certificate: string | Uint8Array): CertificateDetails {
  const parsed = read(certificate)
  const commonName = /^CN=(.*)$/m.exec(parsed.subject ?? '')?.[1] ?? ''
  const isClient = parsed.keyUsage?.includes(clientAuth) === true
  return {
    commonName,
    serialNumber: parsed.serialNumber.toLowerCase(),
    notBefore: parsed.validFromDate,
    notAfter: parsed.validToDate,
    fingerprint: fingerprint(parsed),
    agentId: isClient && agentIdPattern.test(commonName) ? commonName : undefined,
  }
}

/** SHA-256 of a certificate's DER form: lower-case hexadecimal, no separators. Throws `malformed`. */
export function fingerprintOf(certificate: string | Uint8Array): string {
  return fingerprint(read(certificate))
}

function fingerprint(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase()
}

function read(certificate: string | Uint8Array): X509Certificate {
  try {
    return new X509Certificate(certificate)
  } catch (cause) {
    throw new TrustError(
      'malformed',
      'The certificate cannot be read; give one X.509 certificate as PEM or DER.',
      {
        cause,
      },
    )
  }
}
