/**
 * What stands behind a text or an ELF program and is no part of it: scripts that unpack themselves carry an archive or a compressed stream behind their last
 * line (makeself and its like), programs one behind their tables (AppImage). A text ends before its first zero, of which such bytes hold one within
 * their first few, and which is looked for at the speed of memory; a program where its headers say.
 */
import type { ByteSource } from '../byte-source.ts'
import type { FileTypeName } from '../file-type.ts'
import { elfEnd } from '../structure/elf-end.ts'

const BLOCK_BYTES = 256 * 1024
/** The scripts in front of what is packed have some twenty kilobytes. */
const LOOKED_BYTES = 1024 * 1024
/** The zero stands near the first byte that is no text. */
const BEFORE_BYTES = 4096
/** Room for what a packer puts between, such as a description of what is packed, or zeros to the next page. */
const BEHIND_BYTES = 16 * 1024

/** First bytes of what is carried: archives and streams. */
const beginnings = [
  '\x1f\x8b\x08',
  'BZh',
  '\xfd7zXZ\0',
  '\x28\xb5\x2f\xfd',
  '7z\xbc\xaf\x27\x1c',
  'Rar!\x1a\x07',
  'MSCF\0\0\0\0',
  '\x60\xea',
  'hsqs',
].map((text) => Buffer.from(text, 'latin1'))

/** What begins as a text. */
const texts: ReadonlySet<FileTypeName> = new Set<FileTypeName>(['script', 'text', 'rtf'])

/** Whether such a content may carry something, which is found here and not in all of its bytes. */
export function mayCarry(name: FileTypeName): boolean {
  return texts.has(name) || name === 'elf'
}

/** Where something may begin; nothing where the content is all its own, or as far as is looked. */
export function payloadPlaces(source: ByteSource, name: FileTypeName, check: () => void): number[] {
  const end = name === 'elf' ? elfEnd(source) : firstZero(source, check)
  if (end === undefined || end >= source.size) return []
  const from = name === 'elf' ? end : Math.max(0, end - BEFORE_BYTES)
  const bytes = Buffer.from(source.read(from, Math.min(end + BEHIND_BYTES, source.size) - from))
  const places = beginnings.flatMap((beginning) => {
    const found: number[] = []
    for (let at = bytes.indexOf(beginning); at !== -1; at = bytes.indexOf(beginning, at + 1))
      found.push(from + at)
    return found
  })
  return places.sort((a, b) => a - b)
}

function firstZero(source: ByteSource, check: () => void): number | undefined {
  const end = Math.min(source.size, LOOKED_BYTES)
  for (let offset = 0; offset < end; offset += BLOCK_BYTES) {
    check()
    const at = source.read(offset, Math.min(BLOCK_BYTES, end - offset)).indexOf(0)
    if (at !== -1) return offset + at
  }
  return undefined
}
