/**
 * What logical signatures ask beyond their patterns, on its way into the section `circumstances` and out of it: lines of text, each
 * stored once, as an .ldb line has them. They are few, and who reads them parses them as the compiler did.
 */
import { type Circumstances, parseCircumstances } from './parse/circumstances.ts'
import { Refusal } from './parse/pattern.ts'
import { malformed, type SectionViews } from './section-views.ts'

export interface CircumstanceEncoder {
  /** The number of a line that is, or now is, in the section. */
  place(text: string): number
  bytes(): Uint8Array
}

export function createCircumstanceEncoder(): CircumstanceEncoder {
  const numbers = new Map<string, number>()
  return {
    place(text) {
      const number = numbers.get(text) ?? numbers.size
      numbers.set(text, number)
      return number
    },
    bytes: () => new Uint8Array(Buffer.from([...numbers.keys()].map((text) => `${text}\n`).join(''))),
  }
}

/** Reads the section. Throws DefinitionsError `malformed`. */
export function readCircumstances(views: SectionViews): readonly Circumstances[] {
  const text = Buffer.from(views.bytes('circumstances')).toString('latin1')
  if (text === '') return []
  if (!text.endsWith('\n')) throw malformed('the last of the circumstances is not ended')
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      try {
        return parseCircumstances(line)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        throw malformed('a line of the circumstances is none')
      }
    })
}
