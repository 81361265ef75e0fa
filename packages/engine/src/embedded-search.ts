/**
 * The search of one content for what lies inside it at some place: gathers the places while the content is matched, and has them looked at
 * afterwards. Texts and ELF programs are not searched while they are matched; what stands behind them is found otherwise (payload.ts).
 */
import type { ByteSource } from './byte-source.ts'
import type { FileType } from './file-type.ts'
import { type EmbeddedContent, embeddedAt, mayEmbed } from './unpack/embedded.ts'
import { mayCarry, payloadPlaces } from './unpack/payload.ts'

/** Places that are looked at closely, which costs some microseconds each. Of random bytes a gigabyte has about so many. */
const PLACES_MAX = 4096

export interface EmbeddedSearch {
  /** Takes a place; absent where the content is not to be searched. */
  readonly onMark?: (offset: number) => void
  /** What was found, and whether there were too many places to look at all of them. Throws what the source throws. */
  found(check: () => void): { readonly contents: readonly EmbeddedContent[]; readonly isCut: boolean }
}

/** Begins the search. `isSearched` says that what holds this content has been searched already, to its end. */
export function searchEmbedded(source: ByteSource, { name }: FileType, isSearched: boolean): EmbeddedSearch {
  const places: number[] = []
  let isCut = false
  const looked = (check: () => void) => {
    const within = !isSearched && mayCarry(name) ? payloadPlaces(source, name, check) : places
    return { contents: embeddedAt(source, within, name, check), isCut }
  }
  if (isSearched || !mayEmbed(name)) return { found: looked }
  return {
    onMark(offset) {
      if (places.length < PLACES_MAX) places.push(offset)
      else isCut = true
    },
    found: looked,
  }
}
