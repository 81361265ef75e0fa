/**
 * Normalised HTML: the forms that signatures for target 3 are matched against (ClamAV manual, "Target types"; what they
 * are byte by byte was seen in `sigtool --html-normalise` 1.4.6, and html-stock.test.ts compares).
 * - without comments: lower case, single blanks, none behind a tag, references decoded, values in double quotes, no white
 *   space in scripts and styles; everything from `<!` to the next `>` is left out
 * - without tags: tagless-output.ts
 * - scripts: their bytes as they stand, for script.ts
 * It reads byte by byte in one pass and keeps nothing but what it writes, one tag's name and address, and one script.
 */
import type { ByteOutput } from './byte-output.ts'
import { AMPERSAND, BLANK, isSpace, lowerCase, plainRunEnd } from './bytes.ts'
import { CharacterReference, type ReferenceText } from './character-reference.ts'
import { HtmlScript } from './html-script.ts'
import { HtmlTag, type Step } from './html-tag.ts'
import { encodedLanguages, ScriptDecoder } from './script-encoding.ts'
import { TaglessOutput } from './tagless-output.ts'

const LESS = 0x3c
const GREATER = 0x3e
const EXCLAMATION = 0x21

export interface HtmlForms {
  readonly withoutComments: ByteOutput
  readonly withoutTags: ByteOutput
  /** Gets the bytes of each script that is not longer than the limit; they are valid during the call. */
  readonly onScript: (bytes: Uint8Array) => void
  readonly scriptMaxBytes: number
}

export class HtmlNormaliser {
  readonly #output: ByteOutput
  readonly #tagless: TaglessOutput
  readonly #tag: HtmlTag
  readonly #script: HtmlScript
  readonly #onScript: (bytes: Uint8Array) => void
  readonly #reference = new CharacterReference()
  #inReference = false
  /** While what an encoded script holds is read, to the end of it, wherever the script ends. */
  #decoder: ScriptDecoder | undefined
  #state: 'text' | 'less' | 'dropped' | 'tag' | 'script' = 'text'
  /** In text: white space is due before the next byte; white space is to be left out. */
  #blankDue = false
  #skipSpace = true

  constructor(forms: HtmlForms) {
    this.#output = forms.withoutComments
    this.#tagless = new TaglessOutput(forms.withoutTags)
    this.#tag = new HtmlTag(this.#output)
    this.#script = new HtmlScript(this.#output, this.#tagless, forms.scriptMaxBytes)
    this.#onScript = forms.onScript
  }

  write(bytes: Uint8Array): void {
    for (let index = 0; index < bytes.length; index += 1) {
      index = this.#run(bytes, index)
      this.#writeByte(bytes[index] ?? 0)
    }
  }

  #writeByte(byte: number): void {
    const decoder = this.#decoder
    if (decoder === undefined) {
      this.#writePlain(byte)
      return
    }
    for (const plain of decoder.take(byte)) this.#writePlain(plain)
    if (decoder.isDone) this.#decoder = undefined
  }

  #writePlain(byte: number): void {
    if (byte !== 0 && !(this.#inReference && this.#endReference(byte))) this.#take(byte)
  }

  /** Takes what is plain from `from` on, at once, and answers with the place of the next byte. Most bytes are plain. */
  #run(bytes: Uint8Array, from: number): number {
    if (
      this.#decoder !== undefined ||
      this.#inReference ||
      (this.#state !== 'text' && this.#state !== 'script')
    )
      return from
    const end = plainRunEnd(bytes, from)
    if (end === from) return from
    if (this.#state === 'script') return this.#script.run(bytes, from, end) ? end : from
    if (this.#blankDue) this.#output.push(BLANK)
    this.#blankDue = false
    this.#skipSpace = false
    this.#output.run(bytes, from, end, true)
    this.#tagless.run(bytes, from, end)
    return end
  }

  /** The file's end: a script that was not ended is one all the same. */
  end(): void {
    if (this.#state === 'script') this.#tellScript(false)
    if (this.#state === 'less') this.#put(LESS, true)
  }

  /** Takes a byte while a reference is read; false when it is for the text behind the reference. */
  #endReference(byte: number): boolean {
    let taken = this.#reference.take(byte)
    if (!taken) {
      const reference = this.#reference.end(byte)
      this.#inReference = false
      this.#putReference(reference)
      taken = reference.taken
    }
    if (taken && this.#state === 'script') this.#script.keep(byte)
    return taken
  }

  /** As it was seen, a reference without its semicolon keeps the case of what it stands for. */
  #putReference(reference: ReferenceText): void {
    const { text, taken } = reference
    if (this.#state === 'tag') {
      this.#tag.putReference(reference)
    } else if (this.#state === 'script') {
      this.#script.putReference(reference)
    } else {
      for (let index = 0; index < text.length; index += 1) this.#put(text.charCodeAt(index), taken)
    }
  }

  #take(byte: number): void {
    switch (this.#state) {
      case 'text':
        this.#takeText(byte)
        break
      case 'less':
        this.#takeAfterLess(byte)
        break
      case 'dropped':
        if (byte === GREATER) this.#backToText()
        break
      case 'tag':
        if (this.#stepped(this.#tag.take(byte)) === 'end') this.#endTag()
        break
      case 'script':
        if (this.#stepped(this.#script.take(byte)) !== 'end') break
        this.#tellScript(true)
        this.#backToText()
        break
    }
  }

  #stepped(step: Step): Step {
    if (step === 'reference') this.#beginReference()
    return step
  }

  #beginReference(): void {
    this.#inReference = true
    this.#reference.begin()
  }

  #takeText(byte: number): void {
    if (isSpace(byte)) {
      if (this.#skipSpace) return
      this.#blankDue = true
      this.#tagless.blank()
    } else if (byte === LESS) {
      if (this.#blankDue) this.#output.push(BLANK)
      this.#blankDue = false
      this.#state = 'less'
      this.#tagless.blank()
    } else if (byte === AMPERSAND) {
      this.#beginReference()
      this.#tagless.blank()
    } else {
      this.#put(byte, true)
      this.#tagless.write(byte)
    }
  }

  #takeAfterLess(byte: number): void {
    if (isSpace(byte)) return
    if (byte === EXCLAMATION) {
      this.#state = 'dropped'
      return
    }
    this.#put(LESS, true)
    this.#tag.begin()
    this.#state = 'tag'
    this.#take(byte)
  }

  /** Writes a byte of text, and the blank that is due before it. */
  #put(byte: number, isLower: boolean): void {
    if (this.#blankDue) this.#output.push(BLANK)
    this.#blankDue = false
    this.#skipSpace = false
    this.#output.push(isLower ? lowerCase(byte) : byte)
  }

  #endTag(): void {
    const { name, address, language = '' } = this.#tag
    if (address !== undefined) this.#tagless.address(address)
    this.#blankDue = false
    this.#backToText()
    if (name !== 'script' && name !== 'style') return
    this.#state = 'script'
    this.#script.begin(name === 'style')
    const decoded = encodedLanguages.get(language)
    if (decoded === undefined) return
    // As it was seen: the tag is written once more.
    this.#output.text(`<script language="${decoded}">`)
    this.#decoder = new ScriptDecoder()
  }

  #backToText(): void {
    this.#state = 'text'
    this.#skipSpace = true
  }

  #tellScript(isEnded: boolean): void {
    const bytes = this.#script.bytes(isEnded)
    if (bytes !== undefined) this.#onScript(bytes)
  }
}
