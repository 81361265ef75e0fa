/**
 * The structure of a content by its type: what is asked when a signature depends on it. Call it once for a content and
 * only when a signature needs it, for it reads the headers.
 */
import type { ByteSource } from '../byte-source.ts'
import type { FileTypeName } from '../file-type.ts'
import { readElf } from './elf.ts'
import type { Executable } from './executable.ts'
import { readMachO } from './mach-o.ts'
import { readPe } from './pe.ts'

const readers: Readonly<Partial<Record<FileTypeName, (source: ByteSource) => Executable | undefined>>> = {
  pe: readPe,
  elf: readElf,
  'mach-o': readMachO,
}

/** The structure, or nothing for a type that has none and for headers that are not whole. */
export function readExecutable(source: ByteSource, type: FileTypeName): Executable | undefined {
  return readers[type]?.(source)
}
