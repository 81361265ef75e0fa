/**
 * ClamAV's classes of bytes. What begins and ends a word its manual leaves open ("word boundary"); these are the bytes its
 * engine takes, which are those around host names in mail and HTML.
 */

/** After such a byte a word may begin; before such a byte it may end. */
export const WORD_START = 1
export const WORD_END = 2

const startsWord = ' -/_.<@'
const endsWord = ' -/_\n\r"\'=>'

/** For each byte, WORD_START and WORD_END where they hold; either makes the byte one that `(B)` takes. */
export const wordSides: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte)
  return (startsWord.includes(character) ? WORD_START : 0) | (endsWord.includes(character) ? WORD_END : 0)
})

/** ASCII letters and digits. */
export function isAlphanumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
}

/** For each byte, itself, or for an ASCII letter in upper case the one in lower case. */
export const lowerCase: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte,
)
