/**
 * Whether a program is broken: its headers are cut, or contradict themselves. Asked for an alert only; signatures have their own
 * notion of damage (executable.ts), which says from where no place can be told.
 */
import type { ByteSource } from '../byte-source.ts'
import type { FileTypeName } from '../file-type.ts'
import { readElf } from './elf.ts'
import { readMachO } from './mach-o.ts'
import { isBrokenPe } from './pe-broken.ts'

/** False for what is no program. Reads the headers. */
export function isBrokenExecutable(source: ByteSource, type: FileTypeName): boolean {
  if (type === 'pe') return isBrokenPe(source)
  if (type === 'elf') return readElf(source)?.damage !== undefined
  // Most processors' Mach-O files state no entry point that a section would hold.
  const machO = type === 'mach-o' ? readMachO(source) : undefined
  return machO?.damage !== undefined && machO.entryPoint !== undefined
}
