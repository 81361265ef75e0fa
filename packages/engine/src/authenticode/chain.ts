/**
 * Whether a certificate leads to one that the set trusts: from issuer to issuer, each of whom must be allowed to do what was done, at the time
 * it was done, and must have signed the one before. Stricter than stock ClamAV (packages/engine/DESIGN.md says where).
 */
import { createHash, type KeyObject } from 'node:crypto'
import type { CertificateRecord, CertificateTable } from '@coreward/definitions'
import { rsaKey, signedDigestName, signs } from './algorithms.ts'
import { type Certificate, keyUsages } from './certificate.ts'

/** What was done with a certificate. */
export type Purpose = 'code' | 'time'

const purposes: Readonly<Record<Purpose, string>> = { code: '1.3.6.1.5.5.7.3.3', time: '1.3.6.1.5.5.7.3.8' }

export interface Trust {
  /** Whether the set trusts this certificate to have signed a program, or a time, at this time (milliseconds since 1970). */
  trusts(certificate: Certificate, purpose: Purpose, time: number): boolean
}

/** Certificates from the signer's up, both ends counted: public authorities need three or four. */
const CHAIN_MAX = 10

/** Signatures of certificates that are checked for one program, whatever it holds; each takes up to half a millisecond. */
const CHECKS_MAX = 64

/** Trust as the set has it, over the certificates that came with a program. */
export function createTrust(embedded: readonly Certificate[], table: CertificateTable): Trust {
  let checks = 0

  /** Whether the key signed the certificate. */
  function issued(key: KeyObject | undefined, { algorithm, body, signature }: Certificate): boolean {
    const digest = signedDigestName(algorithm)
    if (key === undefined || digest === undefined || checks >= CHECKS_MAX) return false
    checks += 1
    return signs(key, digest, body, signature)
  }

  function leadsToTrust(certificate: Certificate, step: Step): boolean {
    if (step.depth >= CHAIN_MAX || !isFit(certificate, step)) return false
    const issuers = embedded.filter(
      (issuer) => issuer !== certificate && issuer.subject.equals(certificate.issuer),
    )
    const above = { ...step, depth: step.depth + 1 }
    for (const record of table.find(sha1(certificate.issuer))) {
      if (!record.maySign || !allows(record, step)) continue
      const modulus = record.modulus()
      // Its own certificate, where it is there, must permit it too, though not today.
      if (issuers.some((issuer) => issuer.modulus?.equals(modulus) && !permits(issuer, above))) continue
      if (issued(rsaKey(modulus), certificate)) return true
    }
    return issuers.some(
      (issuer) =>
        isFit(issuer, above) &&
        issued(issuer.modulus && rsaKey(issuer.modulus), certificate) &&
        leadsToTrust(issuer, above),
    )
  }

  return {
    trusts(certificate, purpose, time) {
      const step = { purpose, time, depth: 0 }
      const isNamed = recordsOf(table, certificate).some(
        (record) => allows(record, step) && coversAll(record, certificate),
      )
      return (isNamed && isFit(certificate, step)) || leadsToTrust(certificate, step)
    },
  }
}

interface Step {
  readonly purpose: Purpose
  readonly time: number
  /** Certificates between this one and the signer's, that one counted. */
  readonly depth: number
}

function allows(record: CertificateRecord, { purpose, time }: Step): boolean {
  const { isTrusted, mayCode, mayTime, notBefore } = record
  return isTrusted && (purpose === 'code' ? mayCode : mayTime) && time >= notBefore * 1000
}

/** Whether the set lets the certificate do all that it says it may do: as in stock, it is meant by an entry only then. */
function coversAll({ mayCode, mayTime, maySign }: CertificateRecord, certificate: Certificate): boolean {
  const { usages, keyUsage = keyUsages.keyCertSign } = certificate
  const says = (purpose: Purpose) => usages?.includes(purposes[purpose]) ?? true
  return (
    (mayCode || !says('code')) &&
    (mayTime || !says('time')) &&
    (maySign || (keyUsage & keyUsages.keyCertSign) === 0)
  )
}

/** Whether the certificate itself permits what it was used for, and when. */
function isFit(certificate: Certificate, step: Step): boolean {
  return certificate.from <= step.time && step.time <= certificate.to && permits(certificate, step)
}

function permits(certificate: Certificate, { purpose, depth }: Step): boolean {
  const { isStrange, isAuthority, pathLength, keyUsage, usages } = certificate
  const isIssuer = depth > 0
  const wanted = isIssuer ? keyUsages.keyCertSign : keyUsages.digitalSignature
  if (isStrange || ((keyUsage ?? wanted) & wanted) === 0) return false
  // Of those below an issuer, one is the signer.
  if (isIssuer) return isAuthority && pathLength >= depth - 1 && (usages?.includes(purposes[purpose]) ?? true)
  return usages?.includes(purposes[purpose]) ?? false
}

/** What the set says of this very certificate. */
export function recordsOf(table: CertificateTable, certificate: Certificate): readonly CertificateRecord[] {
  const { modulus, subject, serial } = certificate
  if (modulus === undefined) return []
  const number = sha1(serial)
  return table
    .find(sha1(subject))
    .filter((record) => (record.serial?.equals(number) ?? true) && record.modulus().equals(modulus))
}

function sha1(bytes: Uint8Array): Buffer {
  return createHash('sha1').update(bytes).digest()
}
