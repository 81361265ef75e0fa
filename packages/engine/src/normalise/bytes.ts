/** Classes of bytes that the normalisers tell apart. */

export const BLANK = 0x20
export const QUOTE = 0x22
export const APOSTROPHE = 0x27
export const AMPERSAND = 0x26

/** Tab to carriage return, and the blank. */
export function isSpace(byte: number): boolean {
  return byte === BLANK || (byte >= 0x09 && byte <= 0x0d)
}

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

export function isLetter(byte: number): boolean {
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x7a
}

const plainBytes = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte > BLANK && byte <= 0x7f && !"<>&'".includes(String.fromCharCode(byte)) ? 1 : 0,
)

/** Where the run of bytes that mean nothing in text or scripts ends: they only have to be written in lower case. */
export function plainRunEnd(bytes: Uint8Array, from: number): number {
  let end = from
  while (end < bytes.length && plainBytes[bytes[end] as number] === 1) end += 1
  return end
}

/** ASCII letters in lower case, all else as it is. */
export function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
}
