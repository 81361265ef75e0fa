/** YARA's words (YARA documentation, "Writing YARA rules"): one token after the other, with the line it stands in. */
import { Refusal } from '../pattern.ts'

export type TokenKind = 'identifier' | 'reference' | 'text' | 'regex' | 'hex' | 'number' | 'sign'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  /** Counts from 1. */
  readonly line: number
  readonly from: number
  readonly to: number
}

/** Each piece is one of a few endings away from its beginning, so no text makes this slow. */
const pieces =
  /(?<blank>\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<identifier>[A-Za-z_]\w*)|(?<sign>\.\.|[=!<>]=|<<|>>|[-(){}[\],.:;=<>+*\\%&|^~])|(?<reference>\$\w*\*?|[#@!]\w*)|(?<text>"(?:[^"\\\n]|\\.)*")|(?<regex>\/(?:[^/\\\n]|\\.)+\/[is]*)|(?<number>0x[0-9a-fA-F]+|0o[0-7]+|\d+\.\d+|\d+(?:KB|MB)?)/y

const hexString = /\{[^}]*\}/y

const kinds: readonly TokenKind[] = ['identifier', 'sign', 'reference', 'text', 'regex', 'number']

/** Reads tokens of `text` from `at` on. Throws Refusal for what is none, saying its line. */
export function* tokensFrom(text: string, at: number): Generator<Token> {
  let line = linesBefore(text, at) + 1
  let before: Token | undefined
  for (let from = at; from < text.length; ) {
    const isHex = text[from] === '{' && before?.kind === 'sign' && before.text === '='
    const pattern = isHex ? hexString : pieces
    pattern.lastIndex = from
    const match = pattern.exec(text)
    if (match === null)
      throw new Refusal(`line ${line}: ${JSON.stringify(text.slice(from, from + 20))} is no word of a rule`)
    const [found] = match
    const kind = isHex ? 'hex' : kinds.find((name) => match.groups?.[name] !== undefined)
    if (kind !== undefined) {
      before = { kind, text: found, line, from, to: from + found.length }
      yield before
    }
    line += linesBefore(found, found.length)
    from += found.length
  }
}

function linesBefore(text: string, end: number): number {
  let lines = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) lines += 1
  return lines
}
