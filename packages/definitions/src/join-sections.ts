/** Sections and header → the file's bytes, sealed by its digests; and the digest itself, for the reader too. */
import { createHash } from 'node:crypto'
import { DefinitionsError } from './definitions-error.ts'
import {
  CHUNK_BYTES,
  HEADER_BYTES,
  header,
  LAYOUT_VERSION,
  MAGIC,
  POOL_MASK,
  type SectionName,
  sectionNames,
  sections,
  storedSectionNames,
} from './layout.ts'

/** Offsets are u32. */
const FILE_MAX_BYTES = 0xffffffff

/** All that the compiler writes by itself. The digests of the chunks are made here. */
export type SectionContents = Readonly<Record<Exclude<SectionName, 'chunks'>, Uint8Array>>

/** Joins everything. Throws DefinitionsError `bad-input` when it would be longer than 4 GiB. */
export function joinSections(version: string, createdAt: string, contents: SectionContents): Uint8Array {
  const storedLength = storedSectionNames.reduce((sum, name) => sum + aligned(contents[name].length), 0)
  const chunkCount = Math.ceil(storedLength / CHUNK_BYTES)
  const lengthOf = (name: SectionName) =>
    name === 'chunks' ? chunkCount * sections.chunks : contents[name].length
  let length = aligned(HEADER_BYTES)
  for (const name of sectionNames) length += aligned(lengthOf(name))
  if (length > FILE_MAX_BYTES) {
    throw new DefinitionsError('bad-input', `The set would be ${length} bytes long, above 4 GiB; split it.`)
  }
  const residentLength = length - storedLength
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  bytes.set(Buffer.from(MAGIC), header.magic)
  view.setUint32(header.layoutVersion, LAYOUT_VERSION, true)
  view.setUint32(header.fileLength, length, true)
  view.setUint32(header.residentLength, residentLength, true)
  bytes.set(Buffer.from(version), header.version)
  bytes.set(Buffer.from(createdAt), header.createdAt)
  let offset = aligned(HEADER_BYTES)
  let chunksAt = 0
  sectionNames.forEach((name, index) => {
    const entry = header.sectionTable + index * header.sectionEntryBytes
    view.setUint32(entry, offset, true)
    view.setUint32(entry + 4, lengthOf(name) / sections[name], true)
    if (name === 'chunks') chunksAt = offset
    else bytes.set(contents[name], offset)
    offset += aligned(lengthOf(name))
  })
  seal(bytes, chunksAt)
  return bytes
}

/** Writes the digests of a file's chunks, at `chunksAt`, and then that of its resident part. */
export function seal(bytes: Uint8Array, chunksAt: number): void {
  const from = new DataView(bytes.buffer).getUint32(header.residentLength, true)
  for (let start = from, index = 0; start < bytes.length; start += CHUNK_BYTES, index += 1) {
    const digest = createHash('sha256').update(bytes.subarray(start, start + CHUNK_BYTES))
    bytes.set(digest.digest(), chunksAt + index * sections.chunks)
  }
  bytes.set(digestOf(bytes.subarray(0, from)), header.digest)
}

/** SHA-256 over a file's resident part without the place that holds it. */
export function digestOf(resident: Uint8Array): Uint8Array {
  const digest = createHash('sha256')
    .update(resident.subarray(0, header.digest))
    .update(resident.subarray(header.digest + header.digestBytes))
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
