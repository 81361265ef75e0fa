/**
 * Where a PE file has the signatures of its makers, and what they sign of it (PE format, "The Attribute Certificate Table";
 * Windows Authenticode Portable Executable Signature Format, "Calculating the PE Image Hash"). What a signature says is read in authenticode/.
 */
import { createHash } from 'node:crypto'
import type { ByteSource } from '../byte-source.ts'
import { readFields } from './fields.ts'
import { readPeHeader } from './pe-header.ts'

/** The number of the table's data directory, whose address is an offset into the file. */
const CERTIFICATE_DIRECTORY = 4
const DIRECTORY_BYTES = 8
const CHECKSUM_BYTES = 4
const CHECKSUM_IN_OPTIONAL_HEADER = 64

const ENTRY_HEAD_BYTES = 8
/** WIN_CERT_REVISION_2_0 and WIN_CERT_TYPE_PKCS_SIGNED_DATA. */
const REVISION = 0x200
const SIGNED_DATA = 2

export interface CertificatePlace {
  /** The table, which reaches to the file's end. */
  readonly offset: number
  readonly size: number
  /** What its first entry says that it is long, with its head. */
  readonly entryBytes: number
  /** The two other places that are not signed: each is filled in afterwards. */
  readonly checksumOffset: number
  readonly directoryOffset: number
}

/** The certificate table; nothing when there is none, when it is cut or has something behind it, and when it begins with another kind of entry. */
export function findCertificates(source: ByteSource): CertificatePlace | undefined {
  const header = readPeHeader(source)
  const directory = header?.directories[CERTIFICATE_DIRECTORY]
  if (header === undefined || directory === undefined) return undefined
  const { rva: offset, size } = directory
  if (size <= ENTRY_HEAD_BYTES || offset + size !== source.size) return undefined
  const head = readFields(source, offset, ENTRY_HEAD_BYTES)
  if (head?.getUint16(4, true) !== REVISION || head.getUint16(6, true) !== SIGNED_DATA) return undefined
  return {
    offset,
    size,
    entryBytes: head.getUint32(0, true),
    checksumOffset: header.optionalOffset + CHECKSUM_IN_OPTIONAL_HEADER,
    directoryOffset: header.directoriesOffset + CERTIFICATE_DIRECTORY * DIRECTORY_BYTES,
  }
}

/** The first entry's bytes, `most` of them at most and without its head: one signature, and whatever stands behind it. */
export function readSignature(
  source: ByteSource,
  { offset, size }: CertificatePlace,
  most: number,
): Uint8Array {
  return Uint8Array.from(source.read(offset + ENTRY_HEAD_BYTES, Math.min(most, size - ENTRY_HEAD_BYTES)))
}

/** Whether the table is one entry of a signature of so many bytes, filled up to a multiple of eight with zeros, and nothing more. */
export function holdsOneSignature(
  source: ByteSource,
  { offset, size, entryBytes }: CertificatePlace,
  signatureBytes: number,
): boolean {
  const end = ENTRY_HEAD_BYTES + signatureBytes
  if (Math.ceil(entryBytes / 8) * 8 !== size || end > entryBytes || size - end >= 8) return false
  return source.read(offset + end, size - end).every((byte) => byte === 0)
}

const BLOCK_BYTES = 256 * 1024

/**
 * The digest that is signed: of all bytes but the checksum, the table's directory entry and the table. The specification goes section by section, which leaves
 * out what lies between them; here everything counts, so that nothing can stand there unseen. `check` is asked before each block.
 */
export function authenticodeDigest(
  source: ByteSource,
  { offset, checksumOffset, directoryOffset }: CertificatePlace,
  algorithm: string,
  check: () => void,
): Buffer {
  const hash = createHash(algorithm)
  const update = (from: number, to: number) => {
    for (let at = from; at < to; at += BLOCK_BYTES) {
      check()
      hash.update(source.read(at, Math.min(BLOCK_BYTES, to - at)))
    }
  }
  update(0, checksumOffset)
  update(checksumOffset + CHECKSUM_BYTES, directoryOffset)
  update(directoryOffset + DIRECTORY_BYTES, offset)
  return hash.digest()
}
