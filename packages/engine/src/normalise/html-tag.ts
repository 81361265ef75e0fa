/**
 * One tag of HTML, from behind its `<` to its `>`, as ClamAV writes it: names in lower case, one blank between attributes,
 * quoted values in double quotes with references decoded. It keeps the tag's name and the address it shows.
 */
import type { ByteOutput } from './byte-output.ts'
import { AMPERSAND, APOSTROPHE, BLANK, isSpace, lowerCase, QUOTE } from './bytes.ts'
import type { ReferenceText } from './character-reference.ts'

const GREATER = 0x3e
const EQUALS = 0x3d
const COLON = 0x3a
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/** Longest name of a tag or an attribute that means something here, and longest address. */
const NAME_MAX_BYTES = 16
const VALUE_MAX_BYTES = 8 * 1024

/** What a byte did: it was taken, it began a character reference, it was the last. */
export type Step = 'taken' | 'reference' | 'end'

export class HtmlTag {
  readonly #output: ByteOutput
  #state: 'tag' | 'between' | 'name' | 'before-value' | 'bare' | 'quoted' | 'behind-value' = 'tag'
  #tag = ''
  #attribute = ''
  #value = ''
  /** What an address of the scheme data holds is not written. */
  #isHidden = false
  #quote = 0
  /** White space or a `>` stands in the quoted value; it was the last byte. */
  #isBroken = false
  #afterBreak = false
  #address: string | undefined
  #language: string | undefined

  constructor(output: ByteOutput) {
    this.#output = output
  }

  /** In lower case. */
  get name(): string {
    return this.#tag
  }

  /** What `<a href>` and `<img src>` show; undefined for nothing. */
  get address(): string | undefined {
    return this.#address === '' ? undefined : this.#address
  }

  /** What `<script language>` says, in lower case. */
  get language(): string | undefined {
    return this.#language
  }

  begin(): void {
    this.#state = 'tag'
    this.#language = undefined
    this.#tag = ''
    this.#attribute = ''
    this.#address = undefined
  }

  take(byte: number): Step {
    if (this.#state === 'quoted') return this.#takeQuoted(byte)
    if (this.#state === 'bare') return this.#takeBare(byte)
    if (byte === GREATER) return this.#end()
    if (this.#state === 'before-value') return this.#beginValue(byte)
    if (this.#state === 'tag') this.#takeTagName(byte)
    else if (this.#state === 'name') this.#takeName(byte)
    else this.#takeBetween(byte)
    return 'taken'
  }

  /** Writes what a reference in a value stands for. */
  putReference({ text, address, taken }: ReferenceText): void {
    if (this.#isHidden) return
    for (let index = 0; index < text.length; index += 1) {
      const byte = text.charCodeAt(index)
      this.#output.push(taken ? lowerCase(byte) : byte)
    }
    for (let index = 0; index < address.length; index += 1) this.#keep(address.charCodeAt(index))
  }

  #end(): Step {
    this.#output.push(GREATER)
    return 'end'
  }

  #takeTagName(byte: number): void {
    if (isSpace(byte)) {
      this.#state = 'between'
      return
    }
    this.#output.push(lowerCase(byte))
    if (this.#tag.length < NAME_MAX_BYTES) this.#tag += String.fromCharCode(lowerCase(byte))
  }

  #takeName(byte: number): void {
    if (isSpace(byte)) {
      this.#state = 'between'
    } else if (byte === EQUALS) {
      this.#expectValue()
    } else {
      this.#output.push(lowerCase(byte))
      if (this.#attribute.length < NAME_MAX_BYTES) this.#attribute += String.fromCharCode(lowerCase(byte))
    }
  }

  #takeBetween(byte: number): void {
    if (isSpace(byte)) {
      this.#state = 'between'
    } else if (byte === EQUALS) {
      this.#expectValue()
    } else {
      this.#output.push(BLANK)
      this.#attribute = ''
      this.#state = 'name'
      this.#takeName(byte)
    }
  }

  #expectValue(): void {
    this.#output.push(EQUALS)
    this.#value = ''
    this.#isHidden = false
    this.#isBroken = false
    this.#afterBreak = false
    this.#state = 'before-value'
  }

  #beginValue(byte: number): Step {
    if (isSpace(byte)) return 'taken'
    if (byte !== QUOTE && byte !== APOSTROPHE) {
      this.#state = 'bare'
      return this.#takeBare(byte)
    }
    this.#output.push(QUOTE)
    this.#quote = byte
    this.#state = 'quoted'
    return 'taken'
  }

  #takeBare(byte: number): Step {
    if (byte === GREATER) {
      this.#endValue()
      return this.#end()
    }
    if (byte === AMPERSAND) return 'reference'
    if (isSpace(byte)) {
      this.#endValue()
      this.#state = 'between'
    } else {
      this.#putValue(byte === APOSTROPHE ? QUOTE : byte)
    }
    return 'taken'
  }

  /**
   * As it was seen: behind the first white space or `>` the closing quote is a byte like another, and the next white space
   * or `>` ends the value in any case, which then loses its last byte: commonly that quote.
   */
  #takeQuoted(byte: number): Step {
    if (byte === GREATER || isSpace(byte)) return this.#breakValue(byte)
    this.#afterBreak = false
    if (byte === AMPERSAND) return 'reference'
    if (byte === this.#quote && !this.#isBroken) {
      this.#output.push(QUOTE)
      this.#endValue()
      this.#state = 'behind-value'
    } else {
      this.#putValue(byte === APOSTROPHE ? QUOTE : byte)
    }
    return 'taken'
  }

  #breakValue(byte: number): Step {
    if (!this.#isBroken) {
      this.#isBroken = true
      this.#afterBreak = true
      this.#putValue(byte === LINE_FEED || byte === CARRIAGE_RETURN ? BLANK : byte)
    } else if (byte === GREATER || !this.#afterBreak) {
      this.#value = this.#value.slice(0, -1)
      if (this.#isHidden) this.#output.push(QUOTE)
      this.#endValue()
      if (byte === GREATER) return this.#end()
      this.#state = 'between'
    }
    return 'taken'
  }

  #putValue(byte: number): void {
    if (byte === COLON && this.#value === 'data') this.#isHidden = true
    if (this.#isHidden) return
    this.#output.push(lowerCase(byte))
    this.#keep(byte)
  }

  #keep(byte: number): void {
    if (this.#value.length < VALUE_MAX_BYTES) this.#value += String.fromCharCode(byte)
  }

  #endValue(): void {
    const isShown =
      this.#attribute === 'href' ? this.#tag === 'a' : this.#attribute === 'src' && this.#tag === 'img'
    if (isShown && !this.#isHidden) this.#address ??= this.#value
    if (this.#tag === 'script' && this.#attribute === 'language') this.#language ??= this.#value.toLowerCase()
  }
}
