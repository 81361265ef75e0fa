/** Rules that the rule engine judges → the sections rules and ruleTexts. */
import { masked } from './join-sections.ts'
import { NONE } from './layout.ts'
import type { RuleSignature } from './parse/yara/judge-rules.ts'
import { createBytePool, createWordBuffer } from './record-buffer.ts'

export interface RuleEncoder {
  add(rule: RuleSignature, text: string, signature: number): void
  sections(): Record<'rules' | 'ruleTexts', Uint8Array>
}

export function createRuleEncoder(): RuleEncoder {
  const rules = createWordBuffer()
  const texts = createBytePool()
  return {
    add({ forms, fileSize }, text, signature) {
      const bytes = Buffer.from(text)
      rules.push(signature, texts.place(bytes), bytes.length, forms.length === 0 ? 1 : 0)
      rules.push(fileSize?.min ?? 0, fileSize?.max ?? NONE)
    },
    sections: () => ({ rules: rules.bytes(), ruleTexts: masked(texts.bytes()) }),
  }
}
