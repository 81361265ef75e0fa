/** The rules of a set that the rule engine judges, and their texts, which are read when one is to be used. */
import { masked } from './join-sections.ts'
import { CHUNK_BYTES } from './layout.ts'
import { RULE_TEXT_MAX_BYTES, rule } from './rule-layout.ts'
import { malformed, type SectionViews } from './section-views.ts'

export interface RuleRecord {
  /** The signature's id. */
  readonly signature: number
  /** Whether every content of its sizes is to be judged; else those in which the matcher finds its signature. */
  readonly always: boolean
  readonly sizeMin: number
  readonly sizeMax: number
  /** Reads its text, in which it is the last rule. Throws as Definitions.signature does. */
  text(): string
}

/** Checks the records. Throws DefinitionsError `malformed`. */
export function ruleTable(views: SectionViews): readonly RuleRecord[] {
  const words = views.words('rules')
  return Array.from({ length: views.counts.rules }, (_, index) => {
    const field = (name: Exclude<keyof typeof rule, 'words'>) => words[index * rule.words + rule[name]] ?? 0
    const offset = field('textOffset')
    const length = field('textLength')
    const [sizeMin, sizeMax] = [field('sizeMin'), field('sizeMax')]
    if (
      field('signature') >= views.counts.signatures ||
      length === 0 ||
      length > RULE_TEXT_MAX_BYTES ||
      offset + length > views.counts.ruleTexts ||
      field('always') > 1 ||
      sizeMin > sizeMax
    ) {
      throw malformed(`rule ${index} holds an impossible value`)
    }
    return {
      signature: field('signature'),
      always: field('always') === 1,
      sizeMin,
      sizeMax,
      text: () => textAt(views, offset, length),
    }
  })
}

function textAt(views: SectionViews, offset: number, length: number): string {
  const text = Buffer.alloc(length)
  for (let at = 0; at < length; at += CHUNK_BYTES) {
    views.stored('ruleTexts', offset + at, Math.min(CHUNK_BYTES, length - at)).copy(text, at)
  }
  return Buffer.from(masked(text)).toString('utf8')
}
