/**
 * What the rest of Coreward may use of trust: signed documents, certificates, keys and one-time secrets.
 * It decides nothing about people or hosts; it only says whether bytes are what they claim to be.
 */
export { type CertificateDetails, fingerprintOf, parseCertificate } from './certificate.ts'
export {
  type CertificateWithKey,
  createAuthority,
  issueClientCertificate,
  issueServerCertificate,
} from './certificate-authority.ts'
export { createRequest } from './certificate-request.ts'
export {
  exportSigningKey,
  exportVerificationKey,
  generateSigningKey,
  importSigningKey,
  importVerificationKey,
  type PublicJwk,
  publicKeyHex,
  type SigningKey,
  signBytes,
  type VerificationKey,
} from './key-pair.ts'
export { createSecret, hashSecret, secretMatches } from './secret.ts'
export { signDocument, verifyDocument } from './signed-document.ts'
export { TrustError, type TrustErrorCode } from './trust-error.ts'
