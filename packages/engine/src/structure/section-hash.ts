/**
 * The hash of a section's bytes, for .mdb and .msb signatures. Read in blocks, so a section of any size costs one block
 * of memory; the source asks the scan's budget before each read.
 */
import { createHash } from 'node:crypto'
import type { ByteSource } from '../byte-source.ts'
import type { ExecutableSection, SectionHashAlgorithm } from './executable.ts'

/** As the matcher's window: fits a second cache, and a read of that size costs little more than its bytes. */
const BLOCK_BYTES = 256 * 1024

/** Hexadecimal, or nothing for a section without bytes in the content. */
export function hashSection(
  source: ByteSource,
  section: ExecutableSection | undefined,
  algorithm: SectionHashAlgorithm,
): string | undefined {
  if (section === undefined || section.size === 0) return undefined
  const hash = createHash(algorithm)
  const end = Math.min(section.offset + section.size, source.size)
  for (let offset = section.offset; offset < end; offset += BLOCK_BYTES) {
    hash.update(source.read(offset, Math.min(BLOCK_BYTES, end - offset)))
  }
  return hash.digest('hex')
}
