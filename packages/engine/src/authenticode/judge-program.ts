/**
 * What a set of trusted and blocked certificates (.crb) says of a signed program. A blocked one among those that came with it is
 * enough for a detection, whatever else is wrong; trust needs everything to be right. The flow: find the signature, read
 * it, look for blocked certificates, check the signer's signature and its time, the chain, and at last the file's digest, which is what costs.
 */
import { createHash } from 'node:crypto'
import type { CertificateTable } from '@coreward/definitions'
import type { ByteSource } from '../byte-source.ts'
import {
  authenticodeDigest,
  findCertificates,
  holdsOneSignature,
  readSignature,
} from '../structure/pe-certificates.ts'
import { digestName, RSA, rsaKey, signedDigestName, signs } from './algorithms.ts'
import type { Certificate } from './certificate.ts'
import { createTrust, recordsOf, type Trust } from './chain.ts'
import { type Element, oidOf, primitiveOf, SignatureError, timeOf } from './element.ts'
import {
  INDIRECT_DATA,
  readSignedData,
  readSignerInfo,
  type SignedData,
  type SignerInfo,
} from './signed-data.ts'

/** Bytes of a signature that are read: most have some ten thousand; those with a digest of each page have one for each 170 MB of program. */
const SIGNATURE_MAX_BYTES = 2 * 1024 * 1024

export interface ProgramJudgement {
  /** The signatures whose certificates the program came with. */
  readonly blocked: readonly number[]
  /** Where the certificate table lies, when all but it is trusted: that it holds nothing else cannot be known from a signature. */
  readonly trustedBut: { readonly offset: number; readonly size: number } | undefined
  /** Why not all certificates were looked at, in words. */
  readonly shortfall: string | undefined
}

const nothingKnown: ProgramJudgement = { blocked: [], trustedBut: undefined, shortfall: undefined }

/**
 * Judges a PE file. Throws for what the file holds only what `check` throws, which is asked while it is hashed. `now` is in milliseconds since 1970.
 */
export function judgeProgram(
  source: ByteSource,
  table: CertificateTable,
  check: () => void,
  now: number = Date.now(),
): ProgramJudgement {
  if (table.length === 0) return nothingKnown
  const place = findCertificates(source)
  if (place === undefined) return nothingKnown
  check()
  try {
    const data = readSignedData(readSignature(source, place, SIGNATURE_MAX_BYTES))
    const blocked = data.certificates.flatMap((certificate) => blockedBy(table, certificate))
    const trust = createTrust(data.certificates, table)
    const isTrusted =
      blocked.length === 0 &&
      holdsOneSignature(source, place, data.length) &&
      isSignedByTrusted(data, trust, now) &&
      isDigestOf(data, (algorithm) => authenticodeDigest(source, place, algorithm, check))
    return { blocked, trustedBut: isTrusted ? place : undefined, shortfall: undefined }
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error
    if (place.size > SIGNATURE_MAX_BYTES)
      return { ...nothingKnown, shortfall: `more than ${SIGNATURE_MAX_BYTES} bytes` }
    return { ...nothingKnown, shortfall: error.code === 'limit' ? error.message : undefined }
  }
}

/** The first that blocks it. */
function blockedBy(table: CertificateTable, certificate: Certificate): readonly number[] {
  const record = recordsOf(table, certificate).find(({ isTrusted }) => !isTrusted)
  return record === undefined ? [] : [record.signature]
}

const attributes = {
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  countersignature: '1.2.840.113549.1.9.6',
} as const

function isSignedByTrusted(data: SignedData, trust: Trust, now: number): boolean {
  try {
    const info = data.signer()
    const certificate = certificateOf(info, data.certificates)
    if (certificate === undefined || oidOf(info.signed.get(attributes.contentType)) !== INDIRECT_DATA)
      return false
    if (!isSignedBy(info, certificate, data.content)) return false
    const time = timeSigned(info, data.certificates, trust)
    return time !== undefined && trust.trusts(certificate, 'code', time === 'now' ? now : time)
  } catch (error) {
    if (error instanceof SignatureError) return false
    throw error
  }
}

/** When a program was signed, as somebody trusted says; `now` when nobody does. Undefined when what is said cannot be believed. */
function timeSigned(
  info: SignerInfo,
  certificates: readonly Certificate[],
  trust: Trust,
): number | 'now' | undefined {
  const value: Element | undefined = info.unsigned.get(attributes.countersignature)
  if (value === undefined) return 'now'
  const witness = readSignerInfo(value)
  const certificate = certificateOf(witness, certificates)
  if (certificate === undefined || !isSignedBy(witness, certificate, info.signature)) return undefined
  const time = timeOf(witness.signed.get(attributes.signingTime))
  return trust.trusts(certificate, 'time', time) ? time : undefined
}

/** The signer's certificate among those that came along; copies of it are one. */
function certificateOf(
  { issuer, serial }: SignerInfo,
  certificates: readonly Certificate[],
): Certificate | undefined {
  const [first, ...more] = certificates.filter(
    (certificate) => certificate.issuer.equals(issuer) && certificate.serial.equals(serial),
  )
  return more.every(({ body }) => first?.body.equals(body)) ? first : undefined
}

/** Whether the signer signed its attributes, and with them the digest of this content. */
function isSignedBy(info: SignerInfo, { modulus }: Certificate, content: Uint8Array): boolean {
  const digest = digestName(info.digestAlgorithm)
  const key = modulus && rsaKey(modulus)
  if (digest === undefined || key === undefined) return false
  if (info.signatureAlgorithm !== RSA && signedDigestName(info.signatureAlgorithm) !== digest) return false
  const stated = primitiveOf(info.signed.get(attributes.messageDigest), 'octets')
  if (!stated.equals(createHash(digest).update(content).digest())) return false
  return signs(key, digest, info.signedBytes, info.signature)
}

function isDigestOf(data: SignedData, digestBy: (algorithm: string) => Buffer): boolean {
  const { algorithm, digest } = data.fileDigest()
  const name = digestName(algorithm)
  return name !== undefined && digest.equals(digestBy(name))
}
