/**
 * The names that a script declares, which ClamAV's normaliser numbers: `n000`, `n001`, … in the order they are declared.
 * A function's name and parameters belong to it alone, and what a `var` declares to the function around it.
 */
import type { ScriptToken } from './script-tokens.ts'

interface Scope {
  readonly names: Map<string, string>
  readonly outer: Scope | undefined
  /** Open braces of the function's body; undefined before it begins. */
  braces: number
  /** Where in a list of declarations: before a name, behind one, in none. */
  list: 'expected' | 'behind' | undefined
  /** Brackets and braces open behind a name. */
  nested: number
}

/** Never names; where one is expected it is still expected behind them (ECMA-262, third edition, section 7.5). */
const keywords = new Set(
  (
    'break case catch continue default delete do else finally for function if in instanceof new return switch this ' +
    'throw try typeof var void while with abstract boolean byte char class const debugger double enum export extends ' +
    'final float goto implements import int interface long native package private protected public short static super ' +
    'synchronized throws transient volatile null true false'
  ).split(' '),
)

/** Where in a function's head. */
type Head = 'name' | 'parameters' | 'parameter' | undefined

export class ScriptNames {
  /** Scopes in the order they open, for both walks over the tokens. */
  readonly #scopes: Scope[] = [newScope(undefined)]
  #scope = this.#scopes[0] as Scope
  #opened = 0
  #head: Head
  #count = 0
  #before: ScriptToken | undefined

  /** First walk: finds the declarations. What is declared again has its last number throughout. */
  declare(tokens: readonly ScriptToken[]): void {
    for (const token of tokens) {
      if (token.kind === 'word') this.#word(token.text)
      else if (token.kind === 'mark') this.#mark(token.text)
      this.#before = token
    }
    this.#scope = this.#scopes[0] as Scope
    this.#head = undefined
    this.#before = undefined
    for (const scope of this.#scopes) scope.braces = 0
  }

  /** Second walk, token by token: how a token is named; undefined for as it stands. */
  follow(token: ScriptToken): string | undefined {
    const before = this.#before
    this.#before = token
    if (token.kind === 'mark') this.#braces(token.text)
    if (token.kind !== 'word') return undefined
    if (token.text === 'function') {
      this.#opened += 1
      this.#scope = this.#scopes[this.#opened] as Scope
      return undefined
    }
    if (before?.kind === 'mark' && before.text === '.') return undefined
    for (let scope: Scope | undefined = this.#scope; scope !== undefined; scope = scope.outer) {
      const name = scope.names.get(token.text)
      if (name !== undefined) return name
    }
    return undefined
  }

  #word(text: string): void {
    if (text === 'function') {
      this.#scope = newScope(this.#scope)
      this.#scopes.push(this.#scope)
      this.#head = 'name'
    } else if (text === 'var') {
      this.#scope.list = 'expected'
      this.#scope.nested = 0
      this.#head = undefined
    } else if (keywords.has(text)) {
      this.#head = undefined
    } else if (this.#head === 'name' || this.#head === 'parameter') {
      this.#name(text)
      this.#head = 'parameters'
    } else if (this.#scope.list === 'expected' && !isDot(this.#before)) {
      this.#name(text)
      this.#scope.list = 'behind'
    }
  }

  #name(text: string): void {
    this.#scope.names.set(text, `n${String(this.#count).padStart(3, '0')}`)
    this.#count += 1
  }

  #mark(text: string): void {
    if (this.#head !== undefined) {
      if (text === '(' || text === ',') this.#head = 'parameter'
      else if (text === ')' || text === '{' || text === ';') this.#head = undefined
      if (text !== '{') return
    }
    const scope = this.#scope
    if (text === ';') scope.list = undefined
    if (scope.list === 'expected' && text === '{') {
      scope.nested += 1
    } else if (scope.list === 'behind') {
      if (text === '[' || text === '{') scope.nested += 1
      else if (text === ']' || text === '}') scope.nested -= 1
      else if (text === ',' && scope.nested === 0) scope.list = 'expected'
    }
    this.#braces(text)
  }

  /** Opens and closes the function's body. */
  #braces(text: string): void {
    const scope = this.#scope
    if (text === '{') scope.braces += 1
    if (text !== '}' || scope.outer === undefined) return
    scope.braces -= 1
    if (scope.braces === 0) this.#scope = scope.outer
  }
}

function isDot(token: ScriptToken | undefined): boolean {
  return token?.kind === 'mark' && token.text === '.'
}

function newScope(outer: Scope | undefined): Scope {
  return { names: new Map(), outer, braces: 0, list: undefined, nested: 0 }
}
