/** Tokens read one after the other, with what they have to be. */
import { Refusal } from '../pattern.ts'
import type { Token, TokenKind } from './tokens.ts'

export class TokenReader {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** The next token, or the one so many behind it; undefined at the end. */
  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead]
  }

  /** Whether the next token is a sign or a word of this text. */
  sees(text: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return (
      token !== undefined && token.text === text && (token.kind === 'sign' || token.kind === 'identifier')
    )
  }

  /** Takes the next token if it is a sign or a word of this text. */
  takes(text: string): boolean {
    const is = this.sees(text)
    if (is) this.#at += 1
    return is
  }

  /** Takes the next token. Throws Refusal when it is of another kind or there is none. */
  take(kind?: TokenKind): Token {
    const token = this.peek()
    if (token === undefined || (kind !== undefined && token.kind !== kind)) throw this.unexpected()
    this.#at += 1
    return token
  }

  /** Takes a sign or a word. Throws Refusal when something else stands there. */
  expect(text: string): void {
    if (!this.takes(text)) throw this.unexpected(text)
  }

  /** Where it is, for `reset`. */
  mark(): number {
    return this.#at
  }

  /** Goes back to a mark. */
  reset(mark: number): void {
    this.#at = mark
  }

  /** Takes everything up to the sign that closes the one just taken. Throws Refusal when none does. */
  skipClosed(open: string, close: string): void {
    for (let depth = 1; depth > 0; ) {
      const { kind, text } = this.take()
      if (kind === 'sign' && text === open) depth += 1
      if (kind === 'sign' && text === close) depth -= 1
    }
  }

  unexpected(wanted?: string): Refusal {
    const token = this.peek()
    const found =
      token === undefined ? 'its end' : `line ${token.line}: ${JSON.stringify(token.text.slice(0, 40))}`
    return new Refusal(
      `${found} is not what belongs there${wanted === undefined ? '' : `, ${JSON.stringify(wanted)} is`}`,
    )
  }
}
