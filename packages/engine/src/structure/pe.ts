/**
 * A PE file's structure, PE32 and PE32+ (PE format). What the file says is read at once, which is a few kilobytes; hashes
 * only when they are asked for.
 */
import type { ByteSource } from '../byte-source.ts'
import type { Executable, ImportHash } from './executable.ts'
import { hashImports } from './import-hash.ts'
import { readPeHeader } from './pe-header.ts'
import { iconPlaces } from './pe-icons.ts'
import { readImports } from './pe-imports.ts'
import { layOutSections, offsetOf } from './pe-sections.ts'
import { hashSection } from './section-hash.ts'
import { versionStrings } from './version-info.ts'

/** The structure, or nothing when the headers are not those of a PE file. */
export function readPe(source: ByteSource): Executable | undefined {
  const header = readPeHeader(source)
  if (header === undefined) return undefined
  const layout = layOutSections(header, source.size)
  const { sections } = layout
  const entryPoint = offsetOf(header.entryRva, layout)
  let imports: { readonly hash: ImportHash | undefined } | undefined
  return {
    format: 'pe',
    entryPoint,
    sections,
    damage: layout.damage ?? (entryPoint === undefined ? 'the entry point is not in the file' : undefined),
    sectionHash: (index, algorithm) => hashSection(source, sections[index], algorithm),
    iconPlaces: () => iconPlaces(source, header, layout),
    versionStrings: () => versionStrings(source, header, layout),
    importHash() {
      // Absence is remembered too.
      imports ??= { hash: hashImports(readImports(source, header, layout)) }
      return imports.hash
    },
  }
}
