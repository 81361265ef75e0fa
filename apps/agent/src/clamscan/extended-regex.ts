/**
 * POSIX extended regular expressions, which scripts written for clamscan hold, as ones of JavaScript. Both see a path as
 * bytes, one character each (latin1), so that a name in any encoding can be matched. Bracket expressions know the classes
 * of POSIX 9.3.5 (in the C locale); equivalence classes and collating symbols are refused.
 */

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

/** Throws SyntaxError when the expression is malformed. `bytes` is latin1. */
export function fromExtendedRegex(bytes: string): RegExp {
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
      source += repetition ?? (literal ? quoted(character) : character === ']' ? '\\]' : character)
      at += repetition?.length ?? 1
      // A second sign after a repetition would mean something else here: "a*?" is "as few as possible".
      if (/[*+?]/.test(character) || repetition !== undefined) {
        if (/[*+?]/.test(bytes[at] ?? '')) throw new SyntaxError('two signs of repetition follow each other')
      }
    }
  }
  return new RegExp(source, 's')
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
