/** The classes of characters that separate what stands in a PDF (ISO 32000-2, clause 7.2.3). */

export const WHITE = 1
const DELIMITER = 2

const classes = new Uint8Array(256)
for (const code of Buffer.from('\0\t\n\f\r ', 'latin1')) classes[code] = WHITE
for (const code of Buffer.from('()<>[]{}/%', 'latin1')) classes[code] = DELIMITER

/** `WHITE`, another number for a delimiter, or 0 for what words are made of. */
export function classOf(code: number): number {
  return classes[code] ?? 0
}

const CR = 0x0d
const LF = 0x0a
const PERCENT = 0x25

/** The place of the next byte that is neither white nor in a comment. */
export function skipWhite(bytes: Uint8Array, from: number): number {
  let at = from
  for (; at < bytes.length; at += 1) {
    const code = bytes[at] ?? 0
    if (code === PERCENT) {
      while (at < bytes.length && bytes[at] !== CR && bytes[at] !== LF) at += 1
    } else if (classOf(code) !== WHITE) break
  }
  return Math.min(at, bytes.length)
}

/** The number that a letter is in base 16, or -1. */
export function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1
}
