/** Whether a content is a message in the Cryptographic Message Syntax, by its first bytes. */

/** A sequence that begins with the identifier of signed or enveloped data (RFC 5652, sections 5.1 and 6.1). */
export function isSignedMessage(text: string): boolean {
  return text.startsWith('\x30') && messageIdentifiers.some((one) => text.startsWith(one, lengthEnd(text)))
}

const messageIdentifiers = [2, 3].map(
  (kind) => `\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07${String.fromCharCode(kind)}`,
)

/** Behind a tag and its length (X.690, 8.1.3). */
function lengthEnd(text: string): number {
  const length = text.charCodeAt(1)
  return length > 0x80 ? 2 + (length & 0x7f) : 2
}
