/**
 * Icons that logical signatures ask for, on their way into the section `icons` and out of it: lines of text, each with the fields of an .idb line
 * behind its name. There are some hundred, and who reads them parses them as the compiler did.
 */
import { type IconSignature, type KnownIcon, readKnownIcon } from './parse/idb.ts'
import { Refusal } from './parse/pattern.ts'
import { malformed, type SectionViews } from './section-views.ts'

export interface IconEncoder {
  /** Throws Refusal when there is no room for one more. */
  add(parsed: IconSignature): void
  bytes(): Uint8Array
}

/** Many times as many as ClamAV's sets hold: each that is asked for is compared with each icon of a program, a hundred and more. */
const ICONS_MAX = 20_000

export function createIconEncoder(): IconEncoder {
  const lines = new Set<string>()
  return {
    add({ text }) {
      if (lines.size >= ICONS_MAX) throw new Refusal(`there are ${ICONS_MAX} of this format already`)
      lines.add(`${text}\n`)
    },
    bytes: () => new Uint8Array(Buffer.from([...lines].join(''))),
  }
}

/** Reads the section. Throws DefinitionsError `malformed`. */
export function readIcons(views: SectionViews): readonly KnownIcon[] {
  const text = Buffer.from(views.bytes('icons')).toString('latin1')
  if (text === '') return []
  if (!text.endsWith('\n')) throw malformed('the last of the icons is not ended')
  const lines = text.slice(0, -1).split('\n')
  if (lines.length > ICONS_MAX) throw malformed('there are too many icons')
  return lines.map((line) => {
    try {
      return readKnownIcon(line)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      throw malformed('a line of the icons is none')
    }
  })
}
