/**
 * Signed PE files for tests, made in memory: PKCS#7 SignedData as Authenticode wants it (Windows Authenticode Portable Executable
 * Signature Format), and much that no honest signer would make. Never imported by production code.
 */
import { createHash, sign } from 'node:crypto'
import type { Hash, Identity } from './certificates.fixture.ts'
import {
  childrenOf,
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
} from './der.fixture.ts'

const digestIds: Readonly<Record<Hash, string>> = {
  md5: '1.2.840.113549.2.5',
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
}
const RSA = '1.2.840.113549.1.1.1'
const INDIRECT_DATA = '1.3.6.1.4.1.311.2.1.4'
const PE_IMAGE = '1.3.6.1.4.1.311.2.1.15'
const NESTED = '1.3.6.1.4.1.311.2.4.1'
const SIGNED_DATA = '1.2.840.113549.1.7.2'
const CONTENT_TYPE = '1.2.840.113549.1.9.3'
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4'
const SIGNING_TIME = '1.2.840.113549.1.9.5'
const COUNTERSIGNATURE = '1.2.840.113549.1.9.6'

export interface SignatureItem {
  readonly signer: Identity
  /** Certificates to embed; the signer's alone when absent. */
  readonly embedded?: readonly Identity[]
  /** Of the file. */
  readonly digest?: Hash
  /** Of the signature; the same when absent. */
  readonly signatureHash?: Hash
  readonly countersigner?: Identity
  readonly countersignedAt?: Date
  /** Sha1 when absent, as it is usual. */
  readonly countersignatureHash?: Hash
  readonly isCountersignatureForged?: boolean
  /** A second signature, inside the first one. */
  readonly nested?: SignatureItem
  /** The digest that is stated in place of the file's. */
  readonly statedDigest?: Uint8Array
  /** The digest of the content that is signed in place of the true one. */
  readonly statedMessageDigest?: Uint8Array
  /** Names digest algorithms without parameters, as some do. */
  readonly withoutNull?: boolean
  readonly withoutAttributes?: boolean
  /** How often the signer stands in the list of signers. */
  readonly signers?: number
  /** An element among the unsigned attributes, which may hold anything. */
  readonly ballast?: Uint8Array
  readonly contentType?: string
  readonly isForged?: boolean
}

export interface TableItem {
  /** Entries behind the first. */
  readonly more?: readonly SignatureItem[]
  readonly revision?: number
  readonly type?: number
  /** What the entry's length, and the directory's, are too large by. */
  readonly lengthOff?: number
  readonly sizeOff?: number
  /** What fills the entry up to a multiple of eight. */
  readonly padding?: number
}

/** The PE file with its certificate table behind it, and the directory entry that says where. */
export function signPe(unsigned: Uint8Array, item: SignatureItem, table: TableItem = {}): Buffer {
  const padded = Buffer.alloc(Math.ceil(unsigned.length / 8) * 8)
  padded.set(unsigned)
  const entries = [item, ...(table.more ?? [])].map((each) => tableEntry(makeSignature(padded, each), table))
  return withTable(padded, Buffer.concat(entries), table.sizeOff)
}

/** The PE file with these bytes as its certificate table. Its length is to be a multiple of eight. */
export function withTable(unsigned: Uint8Array, table: Uint8Array, sizeOff = 0): Buffer {
  const signed = Buffer.concat([unsigned, table])
  const at = securityDirectory(signed)
  signed.writeUInt32LE(unsigned.length, at)
  signed.writeUInt32LE(table.length + sizeOff, at + 4)
  return signed
}

/** An entry of a certificate table (PE format, "The Attribute Certificate Table"). */
export function tableEntry(signature: Uint8Array, item: TableItem = {}): Buffer {
  const { revision = 0x200, type = 2, lengthOff = 0, padding = 0 } = item
  const entry = Buffer.alloc(Math.ceil((8 + signature.length) / 8) * 8, padding)
  entry.writeUInt32LE(entry.length + lengthOff, 0)
  entry.writeUInt16LE(revision, 4)
  entry.writeUInt16LE(type, 6)
  entry.set(signature, 8)
  return entry
}

/** Where the directory entry of certificates stands. */
export function securityDirectory(pe: Buffer): number {
  const optional = pe.readUInt32LE(0x3c) + 24
  return optional + (pe.readUInt16LE(optional) === 0x20b ? 112 : 96) + 4 * 8
}

/** What Authenticode hashes of a file without a certificate table. */
function digestOf(pe: Buffer, hash: Hash): Buffer {
  const checksum = pe.readUInt32LE(0x3c) + 24 + 64
  const directory = securityDirectory(pe)
  return createHash(hash)
    .update(pe.subarray(0, checksum))
    .update(pe.subarray(checksum + 4, directory))
    .update(pe.subarray(directory + 8))
    .digest()
}

/** The SignedData over a PE file, in its ContentInfo (RFC 2315 section 9.1). */
export function makeSignature(pe: Buffer, item: SignatureItem): Buffer {
  const { signer, embedded = [signer], digest = 'sha256' } = item
  const { signatureHash: hash = digest, withoutNull, contentType = INDIRECT_DATA } = item
  const image = sequence(der(tags.bits, Buffer.from([0])), der(contextTag(0), der(contextTag(2), der(0x80))))
  const content = sequence(
    sequence(oid(PE_IMAGE), image),
    sequence(algorithmOf(digest, withoutNull), octets(item.statedDigest ?? digestOf(pe, digest))),
  )
  const info = signerInfo(item, hash, contentOf(content), pe)
  return sequence(
    oid(SIGNED_DATA),
    der(
      contextTag(0),
      sequence(
        integer(1),
        set(algorithmOf(hash, withoutNull)),
        sequence(oid(contentType), der(contextTag(0), content)),
        der(contextTag(0), ...embedded.map(({ certificate }) => certificate)),
        set(...Array.from({ length: item.signers ?? 1 }, () => info)),
      ),
    ),
  )
}

function signerInfo(item: SignatureItem, hash: Hash, content: Buffer, pe: Buffer): Buffer {
  const { signer, withoutNull } = item
  const messageDigest = item.statedMessageDigest ?? createHash(hash).update(content).digest()
  const attributes = [
    attribute(CONTENT_TYPE, oid(item.contentType ?? INDIRECT_DATA)),
    attribute(MESSAGE_DIGEST, octets(messageDigest)),
  ]
  const isBare = item.withoutAttributes === true
  const signature = sign(hash, isBare ? content : set(...attributes), signer.key)
  if (item.isForged === true) signature[10] = (signature[10] ?? 0) ^ 1
  const unsigned: Uint8Array[] = []
  if (item.countersigner !== undefined)
    unsigned.push(attribute(COUNTERSIGNATURE, countersignerInfo(item, item.countersigner, signature)))
  if (item.nested !== undefined) unsigned.push(attribute(NESTED, makeSignature(pe, item.nested)))
  if (item.ballast !== undefined) unsigned.push(item.ballast)
  return sequence(
    integer(1),
    issuerAndSerial(signer),
    algorithmOf(hash, withoutNull),
    ...(isBare ? [] : [der(contextTag(0), ...attributes)]),
    sequence(oid(RSA), nothing),
    octets(signature),
    ...(unsigned.length === 0 ? [] : [der(contextTag(1), ...unsigned)]),
  )
}

/** PKCS#9's counter-signature: another SignerInfo, over the first one's signature (RFC 2985 section 5.3.6). */
function countersignerInfo(item: SignatureItem, countersigner: Identity, over: Buffer): Buffer {
  const { countersignatureHash: hash = 'sha1', withoutNull } = item
  const attributes = [
    attribute(CONTENT_TYPE, oid('1.2.840.113549.1.7.1')),
    attribute(SIGNING_TIME, time(item.countersignedAt ?? new Date('2021-01-01T00:00:00Z'))),
    attribute(MESSAGE_DIGEST, octets(createHash(hash).update(over).digest())),
  ]
  const signature = sign(hash, set(...attributes), countersigner.key)
  if (item.isCountersignatureForged === true) signature[10] = (signature[10] ?? 0) ^ 1
  return sequence(
    integer(1),
    issuerAndSerial(countersigner),
    algorithmOf(hash, withoutNull),
    der(contextTag(0), ...attributes),
    sequence(oid(RSA), nothing),
    octets(signature),
  )
}

function attribute(id: string, value: Uint8Array): Buffer {
  return sequence(oid(id), set(value))
}

function issuerAndSerial({ certificate }: Identity): Buffer {
  const [, serial = nothing, , issuer = nothing] = childrenOf(childrenOf(certificate)[0] ?? nothing)
  return sequence(issuer, serial)
}

function algorithmOf(hash: Hash, withoutNull = false): Buffer {
  return withoutNull ? sequence(oid(digestIds[hash])) : sequence(oid(digestIds[hash]), nothing)
}
