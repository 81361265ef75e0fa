/**
 * A set of nothing, for a scanner that is to be given one later: as the compiler makes it, without the compiler, which is a library that the
 * scanner process has no other use for.
 */
import { joinSections, type SectionContents } from './join-sections.ts'
import { sectionNames, sections } from './layout.ts'

/** What `compileDefinitions` makes of no files. */
export function emptyDefinitions(version: string, createdAt: string): Uint8Array {
  const contents = sectionNames.map((name) => [name, new Uint8Array(0)])
  // Patterns for any target reach nowhere, which is a record too.
  return joinSections(version, createdAt, {
    ...(Object.fromEntries(contents) as SectionContents),
    reach: new Uint8Array(sections.reach),
  })
}
