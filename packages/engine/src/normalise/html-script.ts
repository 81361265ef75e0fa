/**
 * What stands between `<script>` or `<style>` and its end. The form without comments gets it without white space, the
 * form without tags nothing of it but bytes above 127 (as it was seen), and a script is kept as it stands.
 */
import { ByteOutput } from './byte-output.ts'
import { AMPERSAND, APOSTROPHE, isSpace, lowerCase, QUOTE } from './bytes.ts'
import type { ReferenceText } from './character-reference.ts'
import type { Step } from './html-tag.ts'
import type { TaglessOutput } from './tagless-output.ts'

const LESS = 0x3c
const GREATER = 0x3e
const SLASH = 0x2f
const EXCLAMATION = 0x21

const SCRIPT_END = '</script'
const STYLE_END = '</style'
/** From here to the next `>` no end is looked for. */
const DROPPED_START = '<!'

export class HtmlScript {
  readonly #output: ByteOutput
  readonly #tagless: TaglessOutput
  readonly #kept: ByteOutput
  #isStyle = false
  /** What may become the end: `</` and what follows it, or `<!`. */
  #end = ''
  /** White space stands behind the end's name: all up to `>` belongs to it. */
  #isTail = false

  constructor(output: ByteOutput, tagless: TaglessOutput, limit: number) {
    this.#output = output
    this.#tagless = tagless
    this.#kept = new ByteOutput(limit)
  }

  begin(isStyle: boolean): void {
    this.#isStyle = isStyle
    this.#end = ''
    this.#isTail = false
    this.#kept.clear()
  }

  take(byte: number): Step {
    this.#kept.push(byte)
    const within = this.#end
    const isEnd = byte === GREATER && (this.#isTail || this.#isEndName())
    if (!this.#isTail && !isEnd) this.#follow(byte)
    if (this.#isTail) this.#tagless.write(byte)
    else if (within === '') this.#tagless.writeHidden(byte)
    if (isEnd) {
      this.#output.push(GREATER)
      return 'end'
    }
    if (byte === AMPERSAND && within === '') return 'reference'
    const isQuote = byte === APOSTROPHE && (within === '' || within === DROPPED_START)
    if (!isSpace(byte)) this.#output.push(isQuote ? QUOTE : lowerCase(byte))
    return 'taken'
  }

  /** Takes plain bytes; false, and nothing is taken, where they may matter. */
  run(bytes: Uint8Array, from: number, to: number): boolean {
    if (this.#end !== '' || this.#isTail) return false
    this.#kept.run(bytes, from, to, false)
    this.#tagless.writeHidden(0)
    this.#output.run(bytes, from, to, true)
    return true
  }

  /** Keeps a byte of a reference. */
  keep(byte: number): void {
    this.#kept.push(byte)
  }

  putReference({ text, taken }: ReferenceText): void {
    for (let index = 0; index < text.length; index += 1) {
      const byte = text.charCodeAt(index)
      this.#output.push(taken ? lowerCase(byte) : byte)
    }
  }

  /**
   * The script, without its end where it was ended; undefined for a style, and for a script that is longer than the limit.
   * Valid until another begins.
   */
  bytes(isEnded: boolean): Uint8Array | undefined {
    if (this.#isStyle || this.#kept.overflowed) return undefined
    const trailing = isEnded ? (this.#isTail ? 1 : SCRIPT_END.length + 1) : 0
    const bytes = this.#kept.bytes()
    return bytes.subarray(0, bytes.length - trailing)
  }

  #isEndName(): boolean {
    return this.#end === SCRIPT_END || (this.#isStyle && this.#end === STYLE_END)
  }

  #follow(byte: number): void {
    const end = this.#end
    if (end === '') {
      if (byte === LESS) this.#end = '<'
    } else if (end === '<') {
      this.#end = byte === SLASH ? '</' : byte === EXCLAMATION ? DROPPED_START : ''
    } else if (end === DROPPED_START) {
      if (byte === GREATER) this.#end = ''
    } else if (isSpace(byte)) {
      this.#isTail = this.#isEndName()
      this.#end = ''
    } else if (byte === GREATER) {
      this.#end = ''
    } else if (end.length <= SCRIPT_END.length) {
      this.#end += String.fromCharCode(lowerCase(byte))
    }
  }
}
