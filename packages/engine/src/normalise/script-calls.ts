/**
 * Calls in a script whose outcome stands in the script itself, and which ClamAV's normaliser therefore replaces by it:
 * `unescape("…")` by the string, `eval("…")` by the script in the string, and what the packer of Dean Edwards made by what it
 * unpacks to.
 */
import { appendTokens, characterText, type ScriptToken, withoutControls } from './script-tokens.ts'

/** Scripts in strings in scripts. */
const DEPTH_MAX = 8

/**
 * What all that is replaced in a script may come to, and more for each of its characters: scripts in scripts would
 * grow without end otherwise. Honest packers make a half of a script.
 */
const ROOM_BASE = 64 * 1024
const ROOM_PER_CHARACTER = 4

const SEMICOLON = ';'

/** Characters that may still come in place of calls. */
interface Room {
  left: number
}

/** The tokens of a script of `length` characters, with calls replaced. */
export function replaceCalls(tokens: readonly ScriptToken[], length: number): ScriptToken[] {
  return replaceWithin(tokens, { left: ROOM_BASE + ROOM_PER_CHARACTER * length }, 0)
}

function replaceWithin(tokens: readonly ScriptToken[], room: Room, depth: number): ScriptToken[] {
  const replaced: ScriptToken[] = []
  let swallow = false
  let skipped = 0
  for (const token of tokens) {
    if (skipped > 0) {
      // The other arguments of what was unpacked.
      if (isMark(token, '(')) skipped += 1
      if (isMark(token, ')')) skipped -= 1
      if (skipped === 0) replaced.push(token)
      continue
    }
    if (swallow && isMark(token, SEMICOLON)) {
      swallow = false
      continue
    }
    swallow = false
    replaced.push(token)
    if (!isMark(token, ')')) continue
    if (replaceUnescape(replaced)) continue
    const script = depth < DEPTH_MAX ? (evaluated(replaced, room) ?? unpacked(replaced, room)) : undefined
    if (script === undefined) continue
    const inner: ScriptToken[] = []
    appendTokens(script.text, '', inner)
    for (const one of replaceWithin(inner, room, depth + 1)) replaced.push(one)
    if (script.isArgument) skipped = 1
    else swallow = true
  }
  return replaced
}

function isMark(token: ScriptToken | undefined, text: string): boolean {
  return token?.kind === 'mark' && token.text === text
}

/** Whether the list ends with `name ( string )`, a call of a function and not of a method; the string. */
function lastCall(tokens: readonly ScriptToken[], name: string): ScriptToken | undefined {
  const [before, word, open, argument] = [tokens.at(-5), tokens.at(-4), tokens.at(-3), tokens.at(-2)]
  if (argument?.kind !== 'string' && argument?.kind !== 'decoded') return undefined
  if (!isMark(open, '(') || word?.kind !== 'word' || word.text !== name || isMark(before, '.'))
    return undefined
  return argument
}

function replaceUnescape(tokens: ScriptToken[]): boolean {
  const argument = lastCall(tokens, 'unescape')
  if (argument?.kind !== 'string') return false
  const text = argument.text.replace(/%(?:u([0-9a-f]{4})|([0-9a-f]{2}))/gi, (_all, four, two) =>
    characterText(Number.parseInt(two ?? four, 16), two !== undefined),
  )
  tokens.length -= 4
  tokens.push({ kind: 'decoded', text: withoutControls(text) })
  return true
}

interface InnerScript {
  readonly text: string
  /** Whether it takes the place of a call's arguments, and not of the call. */
  readonly isArgument: boolean
}

function evaluated(tokens: ScriptToken[], room: Room): InnerScript | undefined {
  const argument = lastCall(tokens, 'eval')
  if (argument === undefined || argument.text.length > room.left) return undefined
  room.left -= argument.text.length
  tokens.length -= 4
  return { text: argument.text, isArgument: false }
}

/** What a packed script's arguments begin with, as kinds and texts of tokens. */
const packedShape = '} ( string , number , number , string . split ( string )'.split(' ')

/** `}('script', base, count, 'words'.split('|') …)`. */
function unpacked(tokens: ScriptToken[], room: Room): InnerScript | undefined {
  const at = tokens.length - packedShape.length
  const fits = packedShape.every((wanted, index) => {
    const token = tokens[at + index]
    return token?.kind === wanted || (token?.text === wanted && token.kind !== 'string')
  })
  if (!fits) return undefined
  const [script = '', base = '', words = '', separator = ''] = [2, 4, 8, 12].map(
    (index) => tokens[at + index]?.text,
  )
  const text = unpack(script, Number(base), words.split(separator), room)
  if (text === undefined) return undefined
  tokens.length = at + 2
  return { text, isArgument: true }
}

function unpack(script: string, base: number, words: readonly string[], room: Room): string | undefined {
  if (base < 2 || base > 62 || script.length > room.left) return undefined
  room.left -= script.length
  return script.replace(/\w+/g, (word) => {
    const found = words[numberOf(word, base)]
    if (found === undefined || found === '' || found.length > room.left) return word
    room.left -= found.length
    return found
  })
}

/** A word as a number with digits 0 to 9, a to z, A to Z; no number that a list has when it is none. */
function numberOf(word: string, base: number): number {
  let value = 0
  for (const character of word) {
    const digit = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'.indexOf(character)
    if (digit === -1 || digit >= base) return -1
    value = value * base + digit
  }
  return value
}
