/**
 * A file of rules → signatures. Each rule becomes what the matcher can do of it, and, where that is not all, a text by itself for
 * the rule engine: its modules, the rules that it speaks of, those that hold for all of its file, and the rule.
 */
import { checkRule } from '../../rule-check.ts'
import { Refusal } from '../pattern.ts'
import type { Rule } from './rule.ts'
import { type RuleOutcome, readRuleFile } from './rule-file.ts'
import { type LogicalForm, type TranslatedRule, translateRule } from './translate-rule.ts'

/** What stands before a rule's own name, as in ClamAV. */
export const RULE_PREFIX = 'YARA.'

/** A text for the rule engine may be so long, with everything that its rule speaks of. */
const TEXT_MAX_CHARACTERS = 1024 * 1024

export interface RuleSignature {
  readonly kind: 'rule'
  readonly name: string
  /** A rule that others speak of and nobody is told about. */
  readonly isPrivate: boolean
  /** What the matcher looks for. None: the rule engine is asked about every content. */
  readonly forms: readonly LogicalForm[]
  /** What the rule engine judges by, and why it must; undefined when the forms are the rule. */
  readonly engine: { readonly text: string; readonly reason: string } | undefined
  readonly fileSize: LogicalForm['fileSize']
}

export interface JudgedRule {
  readonly source: { readonly number: number; readonly text: string }
  readonly outcome: RuleSignature | Refusal
}

/** Reads a whole file. Never throws for its content. */
export function* judgedRules(text: string): Generator<JudgedRule> {
  const { modules, rules } = readRuleFile(text)
  const all = rules.flatMap(({ outcome }) => (outcome instanceof Refusal ? [] : [outcome]))
  const surroundings = {
    all,
    globals: all.filter(({ isGlobal }) => isGlobal),
    imports: modules.map((name) => `import "${name}"\n`).join(''),
  }
  for (const { line, text: own, outcome } of rules) {
    yield { source: { number: line, text: own }, outcome: judged(outcome, surroundings) }
  }
}

/** What a rule may need of its file. */
interface Surroundings {
  readonly all: readonly Rule[]
  readonly globals: readonly Rule[]
  readonly imports: string
}

function judged(rule: RuleOutcome['outcome'], surroundings: Surroundings): RuleSignature | Refusal {
  if (rule instanceof Refusal) return rule
  try {
    const translated = translateRule(rule)
    const isRuled = surroundings.globals.some((other) => other !== rule)
    const reason = translated.inexact ?? (isRuled ? 'a global rule stands beside it' : undefined)
    const engine = reason === undefined ? undefined : { reason, text: engineText(rule, surroundings) }
    if (engine !== undefined)
      checkRule(rule.name, engine.text, translated.forms.length === 0 && !rule.isPrivate)
    return signature(rule, translated, engine)
  } catch (error) {
    if (error instanceof Refusal) return new Refusal(`rule ${rule.name}: ${error.message}`)
    throw error
  }
}

function signature(
  rule: Rule,
  { forms, fileSize }: TranslatedRule,
  engine: RuleSignature['engine'],
): RuleSignature {
  const { name, isPrivate } = rule
  return { kind: 'rule', name: `${RULE_PREFIX}${name}`, isPrivate, forms, engine, fileSize }
}

/** Everything before what speaks of it, as in the file. Throws Refusal when it is too long. */
function engineText(rule: Rule, { all, globals, imports }: Surroundings): string {
  const needed = new Set<Rule>([...globals, rule])
  // A set grows while it is walked, and gives each member once.
  for (const one of needed) for (const used of one.uses) needed.add(used)
  const texts = all.filter((one) => needed.has(one)).map((one) => one.text)
  const text = `${imports}${texts.join('\n')}\n`
  if (text.length > TEXT_MAX_CHARACTERS) throw new Refusal('it speaks of too many other rules')
  return text
}
