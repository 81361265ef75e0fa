/**
 * POSIX extended regular expressions, which .cdb lines and scripts written for clamscan hold. They see a path as
 * bytes, one character each (latin1), so that a name in any encoding can be matched. Bracket expressions know the classes
 * of POSIX 9.3.5 (in the C locale); equivalence classes and collating symbols are refused. RE2 matches them, in time
 * proportional to the text whatever the expression.
 */
import { RE2JS } from 're2js'

/** An expression that is ready to be tried. */
export interface ExtendedRegex {
  /** Whether it fits anywhere in a text, which is latin1. */
  test(bytes: string): boolean
}

/** DUP_MAX of POSIX and of stock. */
const REPEAT_MAX = 255

const classes: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\t-\\r ',
  blank: '\\t ',
  punct: '!-\\/:-@\\[-`{-~',
  print: ' -~',
  graph: '!-~',
  cntrl: '\\x00-\\x1f\\x7f',
  xdigit: '0-9A-Fa-f',
}

/**
 * Prepares an expression, which is latin1 too. At its start `(?i)` asks for either case, as in ClamAV. Throws SyntaxError when it is
 * malformed.
 */
export function fromExtendedRegex(bytes: string): ExtendedRegex {
  const anyCase = bytes.startsWith('(?i)')
  const source = sourceOf(anyCase ? bytes.slice(4) : bytes)
  try {
    return RE2JS.compile(source, RE2JS.DOTALL | (anyCase ? RE2JS.CASE_INSENSITIVE : 0))
  } catch (error) {
    throw new SyntaxError(error instanceof Error ? error.message : 'it cannot be read', { cause: error })
  }
}

/** The same in RE2's syntax. */
function sourceOf(bytes: string): string {
  let source = ''
  for (let at = 0; at < bytes.length; ) {
    const character = bytes[at] as string
    if (character === '[') {
      const { text, end } = bracket(bytes, at)
      source += text
      at = end
    } else if (character === '\\') {
      const next = bytes[at + 1]
      if (next === undefined) throw new SyntaxError('it ends with a backslash')
      source += quoted(next)
      at += 2
    } else if (character === '(' && bytes[at + 1] === '?') {
      throw new SyntaxError('nothing stands before a question mark')
    } else {
      // A brace that opens no repetition stands for itself.
      const literal = character === '}' || (character === '{' && !/^\{\d+(?:,\d*)?\}/.test(bytes.slice(at)))
      const repetition =
        character === '{' && !literal ? bytes.slice(at, bytes.indexOf('}', at) + 1) : undefined
      if (repetition?.match(/\d+/g)?.some((count) => Number(count) > REPEAT_MAX) === true)
        throw new SyntaxError(`something is repeated more than ${REPEAT_MAX} times`)
      source += repetition ?? (literal ? quoted(character) : character === ']' ? '\\]' : character)
      at += repetition?.length ?? 1
      // A second sign after a repetition would mean something else here: "a*?" is "as few as possible".
      if (/[*+?]/.test(character) || repetition !== undefined) {
        if (/[*+?]/.test(bytes[at] ?? '')) throw new SyntaxError('two signs of repetition follow each other')
      }
    }
  }
  return source
}

function quoted(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}

/** One bracket expression from its `[` on. */
function bracket(bytes: string, start: number): { text: string; end: number } {
  let at = start + 1
  let text = '['
  if (bytes[at] === '^') {
    text += '^'
    at += 1
  }
  for (let first = true; ; first = false) {
    const character = bytes[at]
    if (character === undefined) throw new SyntaxError('a bracket is not closed')
    if (character === ']' && !first) return { text: `${text}]`, end: at + 1 }
    if (character === '[' && /[:.=]/.test(bytes[at + 1] ?? '')) {
      const name = /^\[:([a-z]+):\]/.exec(bytes.slice(at))?.[1] ?? ''
      const members = Object.hasOwn(classes, name) ? classes[name] : undefined
      if (members === undefined) throw new SyntaxError('a class in brackets is unknown')
      text += members
      at += name.length + 4
    } else {
      const range = character === '-' && !first && bytes[at + 1] !== ']'
      text += range ? '-' : quoted(character)
      at += 1
    }
  }
}
