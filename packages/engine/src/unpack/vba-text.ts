/**
 * Code of Visual Basic as signatures for it are made: small letters outside strings, white space as one blank, lines that go on joined. As
 * clamscan 1.4.6 was seen to do it, which counts every quote, those in comments too.
 */

const BLANK = 0x20
const TAB = 0x09
const QUOTE = 0x22
const UNDERSCORE = 0x5f
const CR = 0x0d
const LF = 0x0a

/** The form of one module's code, in UTF-8; never longer than the code. */
export function normaliseVba(code: Uint8Array): Uint8Array {
  const output = new Uint8Array(code.length)
  let length = 0
  let isString = false
  /** A blank was the last thing; the end of a line behind it changes nothing in that. */
  let isBlank = false
  for (let at = 0; at < code.length; ) {
    const byte = code[at] as number
    at += 1
    if (byte === QUOTE) isString = !isString
    if (isString) {
      output[length++] = byte === TAB ? BLANK : byte
      isBlank = false
      continue
    }
    const joined = byte === UNDERSCORE && isBlank ? lineEnd(code, at) : at
    if (joined > at) at = joined
    else if (byte === BLANK || byte === TAB) {
      if (!isBlank) output[length++] = BLANK
      isBlank = true
    } else {
      output[length++] = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
      isBlank &&= byte === CR || byte === LF
    }
  }
  return output.subarray(0, length)
}

/** Behind the end of a line, if one is there; else the place itself. */
function lineEnd(code: Uint8Array, at: number): number {
  if (code[at] === LF) return at + 1
  return code[at] === CR && code[at + 1] === LF ? at + 2 : at
}
