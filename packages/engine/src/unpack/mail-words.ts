/**
 * Encoded words (RFC 2047) in the names of attachments, which are shown to people. What cannot be decoded stays as it is, since a name decides
 * nothing.
 */

const word = /=\?([\w-]{1,40})(?:\*[\w-]*)?\?([bq])\?([^?\s]*)\?=(?:\s+(?==\?))?/gi

/** The text with its encoded words decoded, and bytes above 127 outside of them taken for UTF-8 where they are. */
export function decodeWords(text: string): string {
  if (!text.includes('=?')) return plain(text)
  return text.replace(word, (whole: string, charset: string, kind: string, encoded: string) => {
    const bytes =
      kind.toLowerCase() === 'b' ? Buffer.from(encoded, 'base64') : Buffer.from(fromQ(encoded), 'latin1')
    try {
      return new TextDecoder(charset).decode(bytes)
    } catch {
      // A character set that is not known.
      return whole
    }
  })
}

/** Section 4.2. */
function fromQ(encoded: string): string {
  return encoded
    .replaceAll('_', ' ')
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function plain(text: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'))
  } catch {
    return text
  }
}
