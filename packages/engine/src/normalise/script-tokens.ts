/**
 * A script's text → its tokens, as far as ClamAV's normaliser tells them apart: words, numbers, strings, single marks. Not a
 * parser of JavaScript: it takes any text. Comments of one line are not known as such (their two slashes fall away), as it
 * was seen in `sigtool --html-normalise` 1.4.6. Strings that are added are joined at once.
 */

export interface ScriptToken {
  /** `decoded` is a string that a call gave: it is not joined and not decoded again. */
  readonly kind: 'word' | 'number' | 'string' | 'decoded' | 'mark'
  /** A string's content as latin-1, a number as it is to be printed. */
  readonly text: string
}

const marks = new Map(
  [...'!%&()*+,-./:;<=>?[]^{|}~'].map((text): [string, ScriptToken] => [text, { kind: 'mark', text }]),
)
/** Outside of strings it is a blank. */
const backslash: ScriptToken = { kind: 'mark', text: ' ' }

const wordBytes = /[A-Za-z0-9_$]*/y
const numberBytes = /\d+(?:\.(?:\d+(?:[eE][+-]?\d+)?)?)?/y
/** White space, and bytes that stand for nothing and only part what they stand between. */
const nothing = /[^!"$%&'()*+,\-./:;<=>?[\\\]^{|}~\w]+/y

/** Appends the tokens of `text`. `behind` follows it, and is seen only by a string that is not closed. */
export function appendTokens(text: string, behind: string, tokens: ScriptToken[]): void {
  let at = 0
  const run = (expression: RegExp): string => {
    expression.lastIndex = at
    const found = expression.exec(text)?.[0] ?? ''
    at += found.length
    return found
  }
  while (at < text.length) {
    run(nothing)
    const character = text[at]
    if (character === undefined) return
    if (character === '"' || character === "'") {
      const end = stringEnd(text, at + 1, character)
      const content = end === undefined ? text.slice(at + 1) + behind : text.slice(at + 1, end)
      appendString(stringContent(content), tokens)
      at = (end ?? text.length) + 1
    } else if (character === '/' && text[at + 1] === '*') {
      const end = text.indexOf('*/', at + 2)
      at = end === -1 ? text.length : end + 2
    } else if (character === '/' && text[at + 1] === '/') {
      at += 2
    } else if (character >= '0' && character <= '9') {
      tokens.push({ kind: 'number', text: numberText(run(numberBytes)) })
    } else {
      const word = run(wordBytes)
      if (word !== '') tokens.push({ kind: 'word', text: word })
      else {
        at += 1
        tokens.push(marks.get(character) ?? backslash)
      }
    }
  }
}

function stringEnd(text: string, from: number, quote: string): number | undefined {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === quote) return at
  }
  return undefined
}

/** Joins `"a" + "b"`, whatever stands before it. */
function appendString(text: string, tokens: ScriptToken[]): void {
  const before = tokens.at(-2)
  if (before?.kind === 'string' && tokens.at(-1)?.text === '+' && tokens.at(-1)?.kind === 'mark') {
    tokens.length -= 2
    tokens.push({ kind: 'string', text: before.text + text })
  } else {
    tokens.push({ kind: 'string', text })
  }
}

/** Takes the escapes out of a string's content. */
function stringContent(raw: string): string {
  const plain = raw.includes('\\')
    ? raw.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|([\s\S]))/gi, (_all, two, four, other) => {
        if (other !== undefined) return other in escapes ? escapes[other] : other
        return characterText(Number.parseInt(two ?? four, 16), two !== undefined)
      })
    : raw
  return withoutControls(plain)
}

const escapes: { readonly [letter: string]: string } = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  0: '\0',
}

/** White space in strings is kept, each as a blank; a zero becomes a one. */
export function withoutControls(text: string): string {
  return text.replace(/[\t-\r]/g, ' ').replaceAll('\0', '\x01')
}

/** A character as latin-1 text: a byte, or the bytes of its UTF-8 form. */
export function characterText(value: number, isByte: boolean): string {
  if (isByte || value < 0x80) return String.fromCharCode(value)
  return Buffer.from(String.fromCharCode(value).toWellFormed()).toString('latin1')
}

/** What is more is as good as this. */
const NUMBER_MAX = (1n << 63n) - 1n
const NUMBER_MAX_DIGITS = 1000

/** Whole numbers in 32 bits with a sign, others to six digits, as C prints them. */
function numberText(digits: string): string {
  if (!digits.includes('.')) {
    const value = digits.length > NUMBER_MAX_DIGITS ? NUMBER_MAX : BigInt(digits)
    return value >= NUMBER_MAX ? '-1' : BigInt.asIntN(32, value).toString()
  }
  const value = Number(digits)
  if (!Number.isFinite(value)) return 'inf'
  const [mantissa = '', exponent = '0'] = value.toExponential(5).split('e')
  const power = Number(exponent)
  if (value === 0 || (power >= -4 && power < 6)) return String(Number(value.toPrecision(6)))
  const trimmed = mantissa.replace(/\.?0+$/, '')
  return `${trimmed}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}
