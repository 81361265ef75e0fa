/**
 * Normalised scripts: what ClamAV makes of the scripts in an HTML file (its file `javascript`), to be matched as text and as
 * HTML. White space and comments between tokens are left out, all is in lower case, strings that are added are one, declared
 * names are numbered, and calls are replaced whose outcome the script itself holds. What it is byte by byte was seen in
 * `sigtool --html-normalise` 1.4.6.
 */
import type { ByteOutput } from './byte-output.ts'
import { replaceCalls } from './script-calls.ts'
import { ScriptNames } from './script-names.ts'
import { appendTokens, type ScriptToken } from './script-tokens.ts'

const START = '<script>'
const END = '</script>'

/** Appends one script's form to those of the scripts before it. `text` is latin-1. */
export function normaliseScript(text: string, output: ByteOutput): void {
  if (output.length > 0) output.push(0x0a)
  output.text(START)
  const tokens: ScriptToken[] = []
  const isClosed = text.slice(-END.length).toLowerCase() !== END
  appendTokens(isClosed ? text : text.slice(0, -END.length), END, tokens)
  writeTokens(replaceCalls(tokens, text.length), output)
  output.text(END)
}

function writeTokens(tokens: readonly ScriptToken[], output: ByteOutput): void {
  const names = new ScriptNames()
  names.declare(tokens)
  let afterWord = false
  for (const token of tokens) {
    const { kind, text } = token
    const name = names.follow(token)
    const isWord = kind === 'word' || kind === 'number'
    if (isWord && afterWord) output.push(0x20)
    if (kind === 'string' || kind === 'decoded') output.text(`"${lowerCaseText(text)}"`)
    else output.text(name ?? lowerCaseText(text))
    afterWord = isWord
  }
}

/** Letters of ASCII alone: `toLowerCase` would change bytes above 127. */
function lowerCaseText(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text
}
