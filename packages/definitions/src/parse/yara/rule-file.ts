/**
 * A file of YARA rules → its rules, each with its own text, its strings and its condition. A rule that is malformed is
 * refused with its line, and reading goes on at the next.
 */
import { Refusal } from '../pattern.ts'
import { type ParsedCondition, parseCondition } from './condition.ts'
import { type Condition, type Rule, type RuleString, type StringModifier, stringModifiers } from './rule.ts'
import { TokenReader } from './token-reader.ts'
import { type Token, tokensFrom } from './tokens.ts'

/** What stands at one place of a file. */
export type RuleOutcome = { readonly line: number; readonly text: string; readonly outcome: Rule | Refusal }

export interface RuleFile {
  /** The names of the modules it imports. */
  readonly modules: readonly string[]
  readonly rules: readonly RuleOutcome[]
}

/** Longer than any rule that people write; what is refused must not be expensive. */
const RULE_MAX_CHARACTERS = 256 * 1024

const ruleStart = /^[ \t]*(?:(?:private|global)\s+)*(?:rule\s|import\s|include\s)/gm

/** Reads a whole file. Never throws for its content. */
export function readRuleFile(text: string): RuleFile {
  const modules = new Set<string>()
  const rules: RuleOutcome[] = []
  const known = new Map<string, Rule>()
  for (let at = 0; ; ) {
    const rest = tokensFrom(text, at)
    let first: Token | undefined
    const body: Token[] = []
    try {
      first = declaration(rest, body)
      if (first === undefined) break
      at = body.at(-1)?.to ?? text.length
      const reader = new TokenReader(body)
      if (reader.takes('import')) modules.add(unquoted(reader.take('text').text))
      else if (reader.takes('include'))
        throw new Refusal('files are not included in one another; give each by itself')
      else {
        refuseDeep(body)
        const rule = readRule(reader, text.slice(first.from, at), first.line, known)
        known.set(rule.name, rule)
        rules.push({ line: rule.line, text: rule.text, outcome: rule })
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const from = first?.from ?? body[0]?.from ?? at
      const line = first?.line ?? body[0]?.line ?? 1
      rules.push({ line, text: text.slice(from, Math.min(at, from + RULE_MAX_CHARACTERS)), outcome: error })
      if (at <= from) at = nextStart(text, from + 1)
    }
  }
  return { modules: [...modules], rules }
}

/** Where the next rule begins, after something that is none. */
function nextStart(text: string, from: number): number {
  ruleStart.lastIndex = text.indexOf('\n', from) === -1 ? text.length : text.indexOf('\n', from) + 1
  return ruleStart.exec(text)?.index ?? text.length
}

/** Takes the tokens of one declaration into `body`; undefined at the text's end. Throws Refusal. */
function declaration(tokens: Generator<Token>, body: Token[]): Token | undefined {
  let depth = 0
  for (const token of tokens) {
    body.push(token)
    const [first] = body
    if (first?.text === 'import' || first?.text === 'include') {
      if (body.length === 2) return first
      continue
    }
    if (!['rule', 'private', 'global'].includes(first?.text ?? '')) {
      throw new Refusal(`${JSON.stringify(token.text.slice(0, 40))} begins no rule`)
    }
    if (token.to - (first?.from ?? 0) > RULE_MAX_CHARACTERS) {
      throw new Refusal(`a rule longer than ${RULE_MAX_CHARACTERS} characters`)
    }
    if (token.kind !== 'sign') continue
    if (token.text === '{') depth += 1
    if (token.text === '}' && --depth <= 0) return first
  }
  if (body.length > 0) throw new Refusal('a rule that does not end')
  return undefined
}

/** Brackets in brackets, and signs in a row; ours, so that no rule can exhaust a stack, this program's or the library's. */
const NESTING_MAX = 100
const CHAIN_MAX = 1_000

const chainSigns = /^(?:[-|^&+*\\%~.[]|<<|>>|[=!<>]=?|not|defined)$/

/** Throws Refusal. */
function refuseDeep(tokens: readonly Token[]): void {
  let depth = 0
  let chain = 0
  for (const { kind, text } of tokens) {
    const isString = kind === 'hex' || kind === 'regex'
    for (const bracket of isString ? bracketsIn(text) : kind === 'sign' ? [text] : []) {
      if (['(', '[', '{'].includes(bracket)) depth += 1
      if ([')', ']', '}'].includes(bracket)) depth -= 1
      if (depth > NESTING_MAX) throw new Refusal(`more than ${NESTING_MAX} expressions in one another`)
    }
    if (kind !== 'sign' && kind !== 'identifier') continue
    if (chainSigns.test(text)) chain += 1
    if (['and', 'or', ':', '='].includes(text)) chain = 0
    if (chain > CHAIN_MAX) throw new Refusal(`more than ${CHAIN_MAX} operators in a row`)
  }
}

function bracketsIn(string: string): readonly string[] {
  return string.replace(/\\./g, '').match(/[()]/g) ?? []
}

function readRule(reader: TokenReader, text: string, line: number, known: ReadonlyMap<string, Rule>): Rule {
  let isPrivate = false
  let isGlobal = false
  while (!reader.takes('rule')) {
    const word = reader.take('identifier').text
    isPrivate ||= word === 'private'
    isGlobal ||= word === 'global'
  }
  const { text: name } = reader.take('identifier')
  if (name.length > 128) throw new Refusal('the name of a rule is longer than 128 characters')
  if (known.has(name)) throw new Refusal(`the rule ${name} stands there twice`)
  if (reader.takes(':')) while (reader.peek()?.kind === 'identifier') reader.take()
  reader.expect('{')
  if (reader.sees('meta')) skipMeta(reader)
  const strings = reader.takes('strings') ? readStrings(reader) : []
  reader.expect('condition')
  reader.expect(':')
  const { condition, mentioned, names } = readCondition(reader, strings)
  const idle = strings.find(({ id }) => !mentioned.has(id) && !id.startsWith('$_'))
  if (idle !== undefined) throw new Refusal(`the condition does not speak of the string ${idle.id}`)
  return { name, line, isPrivate, isGlobal, text, strings, condition, uses: usedRules(names, known) }
}

/** What this reader does not understand is the rule engine's to judge, its mistakes as well. */
function readCondition(reader: TokenReader, strings: readonly RuleString[]): ParsedCondition {
  const start = reader.mark()
  try {
    const parsed = parseCondition(reader, strings)
    reader.expect('}')
    return parsed
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    reader.reset(start)
    const names = new Set<string>()
    while (reader.peek(1) !== undefined) {
      const { kind, text } = reader.take()
      if (kind === 'identifier') names.add(reader.sees('*') ? `${text}*` : text)
    }
    const condition: Condition = { kind: 'foreign', what: error.message }
    return { condition, mentioned: new Set(strings.map(({ id }) => id)), names }
  }
}

function skipMeta(reader: TokenReader): void {
  reader.expect('meta')
  reader.expect(':')
  while (!(reader.sees(':', 1) && (reader.sees('strings') || reader.sees('condition')))) {
    reader.take('identifier')
    reader.expect('=')
    reader.takes('-')
    reader.take()
  }
}

function readStrings(reader: TokenReader): RuleString[] {
  reader.expect(':')
  const strings: RuleString[] = []
  while (reader.peek()?.kind === 'reference') {
    const { text: given } = reader.take()
    const id = given === '$' ? `$ ${strings.length}` : given
    if (!given.startsWith('$') || given.endsWith('*'))
      throw new Refusal(`${given} is not the name of a string`)
    if (strings.some((other) => other.id === id)) throw new Refusal(`the string ${id} stands there twice`)
    reader.expect('=')
    const { kind, text } = reader.take()
    if (kind !== 'text' && kind !== 'hex' && kind !== 'regex') throw new Refusal(`the string ${id} is none`)
    strings.push({ id, kind, text, modifiers: readModifiers(reader) })
  }
  return strings
}

function readModifiers(reader: TokenReader): Set<StringModifier> {
  const modifiers = new Set<StringModifier>()
  for (;;) {
    const name = stringModifiers.find((word) => reader.sees(word))
    if (name === undefined) return modifiers
    reader.take()
    modifiers.add(name)
    if (/^(?:xor|base64)/.test(name) && reader.takes('(')) reader.skipClosed('(', ')')
  }
}

/** The earlier rules among these names; one that ends in `*` means all that begin so. */
function usedRules(names: ReadonlySet<string>, known: ReadonlyMap<string, Rule>): Rule[] {
  return [...known.values()].filter((rule) =>
    [...names].some((name) =>
      name.endsWith('*') ? rule.name.startsWith(name.slice(0, -1)) : rule.name === name,
    ),
  )
}

function unquoted(text: string): string {
  return text.slice(1, -1)
}
