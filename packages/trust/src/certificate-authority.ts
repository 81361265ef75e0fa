/**
 * The installation's own certificate authority (RFC 5280 profile): it signs the server's certificate and the agents'
 * short-lived ones, and no other authority (path length 0). Every name it signs comes from the caller, none from a
 * request. It keeps no list of what it issued: revocation is the server's own table.
 */

import { isIP } from 'node:net'
import { agentIdPattern } from './certificate.ts'
import { openRequest } from './opened-request.ts'
import { TrustError } from './trust-error.ts'
import {
  exportPrivateKey,
  generateCertificateKey,
  importPrivateKey,
  signatureAlgorithm,
  x509,
} from './x509.ts'

/** A certificate and its private key (PKCS #8), both PEM. */
export interface CertificateWithKey {
  readonly certificatePem: string
  readonly privateKeyPem: string
}

const hour = 3_600_000

// Hosts' clocks differ; a certificate that is valid only from now on would be refused by one that is a little slow.
const clockSkew = 10 * 60_000

const dnsName =
  /^(?=.{1,253}$)(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?$/i

// No character that the X.500 string form gives a meaning to (RFC 4514 §2.4).
const authorityName = /^[\p{L}\p{N}][\p{L}\p{N} ._()-]{0,63}$/u

/** Makes a new authority called `name`, valid for `days` from `now`. Its key can sign certificates and nothing else. Throws `bad-name`. */
export async function createAuthority(options: {
  readonly name: string
  readonly days: number
  readonly now?: Date
}): Promise<CertificateWithKey> {
  if (!authorityName.test(options.name)) {
    throw new TrustError(
      'bad-name',
      `${JSON.stringify(options.name)} cannot name an authority: 1 to 64 letters, digits, spaces, dots, dashes.`,
    )
  }
  const keys = await generateCertificateKey()
  const { notBefore, notAfter } = validity(options.now, options.days * 24)
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [options.name] }],
    keys,
    notBefore,
    notAfter,
    signingAlgorithm: signatureAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return withKey(certificate, keys.privateKey)
}

/**
 * A new key and a certificate for a TLS server that is reached by `names` (DNS names and IP addresses; the first is the
 * common name too), valid for `days`. Throws `bad-name`, or `malformed` for an authority that cannot be read.
 */
export async function issueServerCertificate(
  authority: CertificateWithKey,
  options: { readonly names: readonly string[]; readonly days: number; readonly now?: Date },
): Promise<CertificateWithKey> {
  const [first] = options.names
  if (first === undefined) throw new TrustError('bad-name', 'A server certificate needs at least one name.')
  const names = options.names.map((value) => {
    if (isIP(value) !== 0) return { type: 'ip' as const, value }
    if (dnsName.test(value)) return { type: 'dns' as const, value }
    throw new TrustError('bad-name', `${JSON.stringify(value)} is neither a DNS name nor an IP address.`)
  })
  const keys = await generateCertificateKey()
  const certificate = await issue(authority, {
    commonName: first.slice(0, 64),
    publicKey: keys.publicKey,
    usage: x509.ExtendedKeyUsage.serverAuth,
    ...validity(options.now, options.days * 24),
    extensions: [new x509.SubjectAlternativeNameExtension(names)],
  })
  return withKey(certificate, keys.privateKey)
}

/**
 * The certificate (PEM) by which the agent `agentId` shows who it is, valid for `hours`. Of the request only the public
 * key is taken, after its proof of possession. Throws what `openRequest` throws, `bad-name`, or `malformed`.
 */
export async function issueClientCertificate(
  authority: CertificateWithKey,
  csrPem: string,
  options: { readonly agentId: string; readonly hours: number; readonly now?: Date },
): Promise<string> {
  if (!agentIdPattern.test(options.agentId)) {
    throw new TrustError(
      'bad-name',
      `${JSON.stringify(options.agentId)} cannot name an agent: 1 to 64 letters, digits, dots, dashes.`,
    )
  }
  const certificate = await issue(authority, {
    commonName: options.agentId,
    publicKey: await openRequest(csrPem),
    usage: x509.ExtendedKeyUsage.clientAuth,
    ...validity(options.now, options.hours),
    extensions: [],
  })
  return pemOf(certificate)
}

interface Issue {
  commonName: string
  publicKey: CryptoKey
  usage: x509.ExtendedKeyUsage
  notBefore: Date
  notAfter: Date
  extensions: x509.Extension[]
}

async function issue(authority: CertificateWithKey, asked: Issue): Promise<x509.X509Certificate> {
  const { certificate, privateKey } = await open(authority)
  return x509.X509CertificateGenerator.create({
    subject: [{ CN: [asked.commonName] }],
    issuer: certificate.subjectName,
    notBefore: asked.notBefore,
    // A certificate that outlives its authority would fail without a word on the day the authority ends.
    notAfter: new Date(Math.min(asked.notAfter.getTime(), certificate.notAfter.getTime())),
    publicKey: asked.publicKey,
    signingKey: privateKey,
    signingAlgorithm: signatureAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([asked.usage], true),
      await x509.SubjectKeyIdentifierExtension.create(asked.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(certificate),
      ...asked.extensions,
    ],
  })
}

async function open(authority: CertificateWithKey) {
  try {
    return {
      certificate: new x509.X509Certificate(authority.certificatePem),
      privateKey: await importPrivateKey(authority.privateKeyPem),
    }
  } catch (cause) {
    throw new TrustError(
      'malformed',
      'The authority’s certificate or key cannot be read; restore both from backup.',
      {
        cause,
      },
    )
  }
}

function validity(now = new Date(), hours: number) {
  return { notBefore: new Date(now.getTime() - clockSkew), notAfter: new Date(now.getTime() + hours * hour) }
}

async function withKey(certificate: x509.X509Certificate, key: CryptoKey): Promise<CertificateWithKey> {
  return { certificatePem: pemOf(certificate), privateKeyPem: await exportPrivateKey(key) }
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`
}
