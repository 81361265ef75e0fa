/**
 * RC4, as old PDFs are encrypted with it (ISO 32000-2, clause 7.6.2; the cipher in RFC 6229). For reading alone: it protects nothing.
 */

/** Deciphers, or enciphers, which is the same. */
export function rc4(key: Uint8Array, data: Uint8Array): Uint8Array {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index)
  let other = 0
  for (let index = 0; index < 256; index += 1) {
    other = (other + (state[index] ?? 0) + (key[index % key.length] ?? 0)) & 255
    swap(state, index, other)
  }
  const out = new Uint8Array(data.length)
  let first = 0
  let second = 0
  for (let at = 0; at < data.length; at += 1) {
    first = (first + 1) & 255
    second = (second + (state[first] ?? 0)) & 255
    swap(state, first, second)
    const place = ((state[first] ?? 0) + (state[second] ?? 0)) & 255
    out[at] = (data[at] ?? 0) ^ (state[place] ?? 0)
  }
  return out
}

function swap(state: Uint8Array, first: number, second: number): void {
  const kept = state[first] ?? 0
  state[first] = state[second] ?? 0
  state[second] = kept
}
