/**
 * Rules for telling file types, on their way into the section `typeRules` and out of it: lines of text, each with the fields of a .ftm
 * line before its levels. There are few, and who reads them parses them as the compiler did.
 */
import { type FileTypeMagic, parseTypeRule, type TypeRule } from './parse/ftm.ts'
import { Refusal } from './parse/pattern.ts'
import { malformed, type SectionViews } from './section-views.ts'

export interface TypeRuleEncoder {
  /** Throws Refusal when there is no room for one more. */
  add(parsed: FileTypeMagic): void
  bytes(): Uint8Array
}

/** Many times as many as ClamAV has; each is tried on the first bytes of every file. */
const RULES_MAX = 5000

export function createTypeRuleEncoder(): TypeRuleEncoder {
  const lines: string[] = []
  return {
    add({ conditions }) {
      if (lines.length >= RULES_MAX) throw new Refusal(`there are ${RULES_MAX} of this format already`)
      lines.push(`${conditions}\n`)
    },
    bytes: () => new Uint8Array(Buffer.from(lines.join(''))),
  }
}

/** Reads the section. Throws DefinitionsError `malformed`. */
export function readTypeRules(views: SectionViews): readonly TypeRule[] {
  const text = Buffer.from(views.bytes('typeRules')).toString('utf8')
  if (text === '') return []
  if (!text.endsWith('\n')) throw malformed('the last rule for file types is not ended')
  const lines = text.slice(0, -1).split('\n')
  if (lines.length > RULES_MAX) throw malformed('there are too many rules for file types')
  return lines.map((line) => {
    try {
      return parseTypeRule(line.split(':'))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      throw malformed('a rule for file types is none')
    }
  })
}
