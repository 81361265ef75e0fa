/**
 * Certificates of authorities of our own for tests, and the .crb lines that speak of them. Never imported by production code.
 */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import {
  contentOf,
  contextTag,
  der,
  integer,
  nothing,
  octets,
  oid,
  sequence,
  set,
  tags,
  time,
  truth,
} from './der.fixture.ts'

export type Hash = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512'

const signatureIds: Readonly<Record<Hash, string>> = {
  md5: '1.2.840.113549.1.1.4',
  sha1: '1.2.840.113549.1.1.5',
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
}

const usageIds = {
  code: '1.3.6.1.5.5.7.3.3',
  time: '1.3.6.1.5.5.7.3.8',
  server: '1.3.6.1.5.5.7.3.1',
  any: '2.5.29.37.0',
} as const

export interface CertificateItem {
  readonly name: string
  /** Absent: signed by itself. */
  readonly issuer?: Identity
  /** Any name: the same one is the same key, of `bits` bits; the certificate's name when absent. */
  readonly key?: string
  readonly bits?: number
  /** An elliptic curve in place of RSA. */
  readonly isElliptic?: boolean
  /** Absent: no such extension. */
  readonly isAuthority?: boolean
  readonly pathLength?: number
  readonly usages?: readonly (keyof typeof usageIds)[]
  /** Bits of the extension keyUsage, the first is digitalSignature, the sixth keyCertSign; absent: no such extension. */
  readonly keyUsage?: string
  readonly from?: Date
  readonly to?: Date
  /** What the issuer hashed. */
  readonly hash?: Hash
  readonly serial?: number
  /** A critical extension that nobody knows. */
  readonly isOdd?: boolean
  /** Breaks the issuer's signature. */
  readonly isForged?: boolean
}

export interface Identity {
  readonly certificate: Buffer
  readonly key: KeyObject
  readonly name: string
  readonly serial: number
}

const keys = new Map<string, KeyObject>()

function keyOf({ name, key = name, bits = 1024, isElliptic = false }: CertificateItem): KeyObject {
  const known = keys.get(key)
  if (known !== undefined) return known
  const { privateKey } = isElliptic
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: bits })
  keys.set(key, privateKey)
  return privateKey
}

/** Of the last certificate whose item has none. */
let serials = 1000

/** A certificate and its private key (RFC 5280 section 4.1). */
export function makeIdentity(item: CertificateItem): Identity {
  const { name, issuer, hash = 'sha256' } = item
  serials += 1
  const { serial = serials } = item
  const key = keyOf(item)
  const isElliptic = (issuer?.key ?? key).asymmetricKeyType === 'ec'
  const algorithm = isElliptic
    ? sequence(oid('1.2.840.10045.4.3.2'))
    : sequence(oid(signatureIds[hash]), nothing)
  const body = sequence(
    der(contextTag(0), integer(2)),
    integer(serial),
    algorithm,
    nameElement(issuer?.name ?? name),
    sequence(
      time(item.from ?? new Date('2020-01-01T00:00:00Z')),
      time(item.to ?? new Date('2045-01-01T00:00:00Z')),
    ),
    nameElement(name),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    ...extensionsOf(item),
  )
  const signature = sign(hash, body, issuer?.key ?? key)
  if (item.isForged === true) signature[10] = (signature[10] ?? 0) ^ 1
  const certificate = sequence(body, algorithm, der(tags.bits, Buffer.from([0]), signature))
  return { certificate, key, name, serial }
}

function extensionsOf(item: CertificateItem): Buffer[] {
  const extensions: Buffer[] = []
  const add = (id: string, content: Buffer, isCritical: boolean) =>
    extensions.push(sequence(oid(id), ...(isCritical ? [truth] : []), octets(content)))
  if (item.isAuthority !== undefined) {
    const length = item.pathLength === undefined ? [] : [integer(item.pathLength)]
    add('2.5.29.19', sequence(...(item.isAuthority ? [truth, ...length] : [])), true)
  }
  if (item.keyUsage !== undefined) {
    const bits = Number.parseInt(item.keyUsage.padEnd(8, '0'), 2)
    add('2.5.29.15', der(tags.bits, Buffer.from([8 - item.keyUsage.length, bits])), true)
  }
  if (item.usages !== undefined)
    add('2.5.29.37', sequence(...item.usages.map((usage) => oid(usageIds[usage]))), false)
  if (item.isOdd === true) add('1.2.3.4.5', nothing, true)
  return extensions.length === 0 ? [] : [der(contextTag(3), sequence(...extensions))]
}

/** A name with a common name alone. */
export function nameElement(name: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), der(tags.utf8, Buffer.from(name)))))
}

/** The fields of a .crb line that say which certificate is meant: subject, serial number, key, exponent. */
export function crbIdentity({ name, serial, key }: Identity): [string, string, string, string] {
  const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex')
  const { n = '' } = createPublicKey(key).export({ format: 'jwk' })
  const modulus = Buffer.from(n, 'base64url').toString('hex')
  return [sha1(contentOf(nameElement(name))), sha1(contentOf(integer(serial))), modulus, '010001']
}

/** A .crb line. `may` has a letter for each thing that the certificate may do: code, time, sign. */
export function crbLine(name: string, isTrusted: boolean, identity: Identity, may = 'cts'): string {
  const flags = [...'cts'].map((letter) => (may.includes(letter) ? '1' : '0'))
  return [name, isTrusted ? '1' : '0', ...crbIdentity(identity), ...flags, '0', ''].join(';')
}
