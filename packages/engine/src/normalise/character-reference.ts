/**
 * One character reference of HTML (`&lt;`, `&#60;`, `&#x3c;`) as it comes in byte by byte, and what it stands for as ClamAV
 * writes it: a byte below 255, and `&#x` with four hexadecimal digits for what lies above.
 */
import { isDigit, isLetter, lowerCase } from './bytes.ts'
import { namedReferences } from './named-references.ts'

const HASH = 0x23
const SEMICOLON = 0x3b

/** No name that stands for something is longer; a longer one is text. */
const NAME_MAX_BYTES = 32

export interface ReferenceText {
  /** What to write, as latin-1. */
  readonly text: string
  /** What it is in an address: one byte. */
  readonly address: string
  /** Whether the byte behind it belongs to it. */
  readonly taken: boolean
}

export class CharacterReference {
  #name = ''
  #value = 0
  /** 0 for a name, or the base of a number. */
  #base = 0

  /** Begins behind the `&`. */
  begin(): void {
    this.#name = ''
    this.#value = 0
    this.#base = 0
  }

  /** Takes a byte that belongs to the reference; false for the byte behind it, a semicolon or another. */
  take(byte: number): boolean {
    if (this.#base === 0) {
      if (this.#name === '' && byte === HASH) {
        this.#base = 10
        return true
      }
      if (!isNameByte(byte) || this.#name.length >= NAME_MAX_BYTES) return false
      this.#name += String.fromCharCode(byte)
      return true
    }
    if (this.#name === '' && this.#base === 10 && lowerCase(byte) === 0x78) {
      this.#base = 16
      this.#name = 'x'
      return true
    }
    const digit = digitOf(byte)
    if (digit >= this.#base) return false
    if (this.#name === '') this.#name = '#'
    this.#value = (this.#value * this.#base + digit) >>> 0
    return true
  }

  /** What the reference comes to when `next` stands behind it. */
  end(next: number): ReferenceText {
    const taken = next === SEMICOLON
    const value = this.#base !== 0 ? this.#value : taken ? namedReferences.get(this.#name) : undefined
    if (value !== undefined) {
      const unit = value & 0xffff
      return { text: unitText(unit, value), address: String.fromCharCode(unit & 0xff), taken }
    }
    const text = `&${this.#name.toLowerCase()}${taken ? ';' : ''}`
    return { text, address: text, taken }
  }
}

function isNameByte(byte: number): boolean {
  return isLetter(byte) || isDigit(byte) || byte === 0x2d || byte === 0x3a || byte === 0x5f
}

function digitOf(byte: number): number {
  if (isDigit(byte)) return byte - 0x30
  const lower = lowerCase(byte)
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : 99
}

/** A value as latin-1 text. Sixteen bits of it count. */
function unitText(unit: number, value: number): string {
  if (unit === 0 && value !== 0) return ''
  return unit < 0xff ? String.fromCharCode(unit) : `&#x${unit.toString(16).padStart(4, '0')};`
}
