/** Sections and header → the file's bytes, sealed by its digest; and the digest itself, for the reader too. */
import { createHash } from 'node:crypto'
import { DefinitionsError } from './definitions-error.ts'
import {
  HEADER_BYTES,
  header,
  LAYOUT_VERSION,
  MAGIC,
  POOL_MASK,
  type SectionName,
  sectionNames,
  sections,
} from './layout.ts'

/** Offsets are u32. */
const FILE_MAX_BYTES = 0xffffffff

/** Joins everything. Throws DefinitionsError `bad-input` when it would be longer than 4 GiB. */
export function joinSections(
  version: string,
  createdAt: string,
  contents: Readonly<Record<SectionName, Uint8Array>>,
): Uint8Array {
  let length = aligned(HEADER_BYTES)
  for (const name of sectionNames) length += aligned(contents[name].length)
  if (length > FILE_MAX_BYTES) {
    throw new DefinitionsError('bad-input', `The set would be ${length} bytes long, above 4 GiB; split it.`)
  }
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  bytes.set(Buffer.from(MAGIC), header.magic)
  view.setUint32(header.layoutVersion, LAYOUT_VERSION, true)
  view.setUint32(header.fileLength, length, true)
  bytes.set(Buffer.from(version), header.version)
  bytes.set(Buffer.from(createdAt), header.createdAt)
  let offset = aligned(HEADER_BYTES)
  sectionNames.forEach((name, index) => {
    const entry = header.sectionTable + index * header.sectionEntryBytes
    view.setUint32(entry, offset, true)
    view.setUint32(entry + 4, contents[name].length / sections[name], true)
    bytes.set(contents[name], offset)
    offset += aligned(contents[name].length)
  })
  bytes.set(digestOf(bytes), header.digest)
  return bytes
}

/** SHA-256 over the file without the place that holds it. */
export function digestOf(bytes: Uint8Array): Uint8Array {
  const digest = createHash('sha256')
    .update(bytes.subarray(0, header.digest))
    .update(bytes.subarray(header.digest + header.digestBytes))
    .digest()
  return new Uint8Array(digest)
}

/** The pool as it is stored, or, of that, as it was: masking twice gives the same bytes. A new array. */
export function masked(pool: Uint8Array): Uint8Array {
  return pool.map((byte) => byte ^ POOL_MASK)
}

function aligned(length: number): number {
  return Math.ceil(length / 8) * 8
}
