/**
 * Signatures for what containers say of their entries, on their way into the section `entryRules` and out of it: lines of text, a
 * signature's id and its conditions as a .cdb line has them. There are few, and who reads them parses them as the compiler did.
 */
import { type EntryConditions, type EntrySignature, parseEntryConditions } from './parse/cdb.ts'
import { Refusal } from './parse/pattern.ts'
import { malformed, type SectionViews } from './section-views.ts'

/** A signature, and what an entry must be like. */
export interface EntryRule extends EntryConditions {
  readonly signature: number
}

export interface EntryRuleEncoder {
  /** Throws Refusal when there is no room for one more. */
  refuseMore(): void
  add(parsed: EntrySignature, signature: number): void
  bytes(): Uint8Array
}

/** Many times as many as ClamAV's sets hold; each costs a comparison for every entry of every archive. */
const RULES_MAX = 20_000

export function createEntryRuleEncoder(): EntryRuleEncoder {
  const lines: string[] = []
  return {
    refuseMore() {
      if (lines.length >= RULES_MAX) throw new Refusal(`there are ${RULES_MAX} of this format already`)
    },
    add({ conditions }, signature) {
      lines.push(`${signature}:${conditions}\n`)
    },
    bytes: () => new Uint8Array(Buffer.from(lines.join(''))),
  }
}

/** Reads the section. Throws DefinitionsError `malformed`. */
export function readEntryRules(views: SectionViews): readonly EntryRule[] {
  const text = Buffer.from(views.bytes('entryRules')).toString('utf8')
  if (text === '') return []
  if (!text.endsWith('\n')) throw malformed('the last rule for entries is not ended')
  const lines = text.slice(0, -1).split('\n')
  if (lines.length > RULES_MAX) throw malformed('there are too many rules for entries')
  return lines.map((line) => {
    const [id = '', ...fields] = line.split(':')
    if (!/^\d{1,10}$/.test(id) || Number(id) >= views.counts.signatures)
      throw malformed('a rule for entries belongs to no signature')
    try {
      return { signature: Number(id), ...parseEntryConditions(fields) }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      throw malformed('a rule for entries is none')
    }
  })
}
